import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { followToRest } from '../../ops/demo/follow.ts';
import { upload } from '../../ops/demo/upload.ts';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { eicarInJpegTail } from '../fixtures/make.ts';
import { sharedGround } from '../ground.ts';
import { publish, ROCKET, readyAsset } from '../scenarios/cast.ts';
import { callerOf } from '../system.ts';
import { ACCOUNT, STREAMS, WHO, type Who } from './expectations.ts';

const ground = sharedGround();
const url = `${urlsOf(ground).gateway}/graphql`;

interface Event {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[];
}

/** The first that comes of a stream. */
type Door = (token: string | null, query: string) => Promise<Event>;

const DOORS: Readonly<Record<string, Door>> = {
  'Server-Sent Events': async (token, query) => {
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    const client = createSseClient({ url, headers, retryAttempts: 0 });
    return firstOf(client.iterate({ query }), client);
  },
  WebSocket: async (token, query) => {
    const connectionParams = token === null ? {} : { authorization: `Bearer ${token}` };
    const client = createWsClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams,
      retryAttempts: 0,
    });
    return firstOf(client.iterate({ query }), client);
  },
};

async function firstOf(events: AsyncIterable<object>, client: { dispose(): unknown }): Promise<Event> {
  try {
    for await (const event of events) return event;
    return {};
  } finally {
    await client.dispose();
  }
}

describe.each(Object.keys(DOORS))('who may follow what, over %s', (door) => {
  let tokens: Readonly<Record<Who, string | null>>;
  let queries: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const author = await callerOf(ground, 'author@northlight.test');
    const [own, onSale, quarantined] = await Promise.all([
      readyAsset(author),
      readyAsset(author),
      upload(author, { ...ROCKET, bytes: eicarInJpegTail() }),
    ]);
    await followToRest(author, quarantined, () => undefined);
    await publish(author, onSale, 'MARKETPLACE');
    queries = {
      moderationEvents: 'subscription { moderationEvents { cursor } }',
      'assetEvents: private': `subscription { assetEvents(assetId: "${own}") { cursor } }`,
      'assetEvents: marketplace': `subscription { assetEvents(assetId: "${onSale}") { cursor } }`,
      'assetEvents: quarantined': `subscription { assetEvents(assetId: "${quarantined}") { cursor } }`,
      'assetProgress: private': `subscription { assetProgress(assetId: "${own}") { cursor } }`,
      'assetProgress: marketplace': `subscription { assetProgress(assetId: "${onSale}") { cursor } }`,
      'assetProgress: quarantined': `subscription { assetProgress(assetId: "${quarantined}") { cursor } }`,
    };
    tokens = Object.fromEntries(
      await Promise.all(
        WHO.map(async (who) => [who, ACCOUNT[who] ? await tokenOf(ground, ACCOUNT[who]) : null] as const),
      ),
    ) as typeof tokens;
  });

  it.each(
    Object.entries(STREAMS).flatMap(([line, expected]) => WHO.map((who, at) => [line, who, expected[at]] as const)),
  )('%s as %s: %s', async (line, who, expected) => {
    const { data, errors } = (await DOORS[door]?.(tokens[who], queries[line] ?? '')) ?? {};
    expect(errors?.[0]?.extensions?.code ?? (data ? 'ok' : 'nothing')).toBe(expected);
  });
});
