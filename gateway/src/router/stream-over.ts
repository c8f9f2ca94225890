import type { Supergraph } from '../supergraph/read.ts';

/** Where streams are asked for over WebSocket, by the names of subgraphs; `ws`: where the subgraph is. */
export type StreamOver = Readonly<Record<string, 'ws' | URL>>;

/** @param texts such as `news=ws` and `news=wss://news.example/graphql`. @returns what they say, or what is wrong with one */
export function parseStreamOver(texts: readonly string[]): { streamOver: StreamOver } | { problem: string } {
  const found = new Map<string, 'ws' | URL>();
  for (const text of texts) {
    const [, name, place] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    const over = place && overOf(place);
    if (!name || !over)
      return { problem: `--stream-over is NAME=ws, NAME=ws://HOST:PORT/PATH or NAME=wss://…, not "${text}".` };
    if (found.has(name)) return { problem: `--stream-over names ${name} twice.` };
    found.set(name, over);
  }
  return { streamOver: Object.fromEntries(found) };
}

/** Only at the start: a subgraph that leaves a later supergraph may come back. @throws Error where the supergraph lacks one that is named */
export function verifyStreamOver(
  { streamOver = {} }: { readonly streamOver?: StreamOver },
  { subgraphs }: Pick<Supergraph, 'subgraphs'>,
): void {
  for (const name of Object.keys(streamOver))
    if (!Object.hasOwn(subgraphs, name))
      throw new Error(
        `--stream-over names the subgraph "${name}", and this supergraph has ${Object.keys(subgraphs).join(', ')}.`,
      );
}

/** @returns where a subgraph's streams are asked for over WebSocket; undefined: they are asked for otherwise */
export function socketsOf(
  { streamOver = {} }: { readonly streamOver?: StreamOver },
  name: string,
  url: URL,
): URL | undefined {
  const over = Object.hasOwn(streamOver, name) ? streamOver[name] : undefined;
  if (over !== 'ws') return over;
  const own = new URL(url);
  own.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  // No part of an address of a socket (RFC 6455, section 3).
  own.hash = '';
  return own;
}

function overOf(place: string): 'ws' | URL | null {
  if (place === 'ws') return place;
  return /^wss?:\/\/[^#]+$/.test(place) && URL.canParse(place) ? new URL(place) : null;
}
