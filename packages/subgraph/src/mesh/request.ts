import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { z } from 'zod';
import type { SubgraphRequest } from '../handler.ts';
import { HEADERS } from './protocol.ts';

/** A call over either version of HTTP. */
export type Incoming = IncomingMessage | Http2ServerRequest;

/** An answer over either version of HTTP. */
export interface Outgoing extends NodeJS.EventEmitter {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  writeHead(status: number, headers: Readonly<Record<string, string | number>>): unknown;
  /** @returns whether there is room for more */
  write(text: string): boolean;
  end(text: string): unknown;
  destroy(): unknown;
}

/** What cannot be answered, with the status that says so. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'Refused';
    this.status = status;
  }
}

/** Representations of a large list come in one body. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

const bodyShape = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

/** @throws Refused for a body that is too large or no JSON */
export async function readJson(request: Incoming): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Refused(413, 'The body is too large.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refused(400, 'The body is no JSON.');
  }
}

/**
 * A subgraph's request from one over HTTP. Of its headers four are looked at; whoever else it names is nobody.
 *
 * @param signal ends when whoever asked has left
 * @throws Refused
 */
export async function readSubgraphRequest(request: Incoming, signal: AbortSignal): Promise<SubgraphRequest> {
  const parsed = bodyShape.safeParse(await readJson(request));
  if (!parsed.success) throw new Refused(400, 'The body is no request of GraphQL.');
  const { query, variables, operationName } = parsed.data;
  return {
    query,
    variables: variables ?? undefined,
    operationName: operationName ?? undefined,
    principalToken: /^Bearer (\S+)$/.exec(headerOf(request, 'authorization') ?? '')?.[1] ?? '',
    signal,
    endsAt: endOf(headerOf(request, HEADERS.timeLeftMs)),
    trace: headerOf(request, HEADERS.trace),
    resumeAfter: placeOf(headerOf(request, HEADERS.lastEventId)),
  };
}

/** Ends when the connection closes, or the stream within it, before the answer is whole. */
export function leavingOf(response: Outgoing): AbortSignal {
  const leaving = new AbortController();
  response.once('close', () => response.writableEnded || leaving.abort());
  return leaving.signal;
}

function headerOf({ headers }: Incoming, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** UTF-8 in a header, which is read a character a byte. */
function placeOf(lastEventId: string | undefined): string | undefined {
  return lastEventId === undefined ? undefined : Buffer.from(lastEventId, 'latin1').toString();
}

function endOf(timeLeftMs: string | undefined): number | undefined {
  return timeLeftMs !== undefined && /^\d{1,9}$/.test(timeLeftMs) ? Date.now() + Number(timeLeftMs) : undefined;
}
