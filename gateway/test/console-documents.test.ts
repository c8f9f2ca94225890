import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse } from 'graphql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hashOf } from '../src/persisted/manifest.ts';
import { type DoorsHouse, startDoorsHouse } from './doors-house.ts';

/** A document as code generation gives it to the console: with its identifier. */
function generated<Data, Variables>(text: string): TypedDocumentNode<Data, Variables> {
  return Object.assign(parse(text), { __meta__: { hash: `sha256:${hashOf(text)}` } });
}
const WHO = '{\n  whoAsks\n}';
const WHO_ASKS = generated<{ whoAsks: string | null }, Record<string, never>>(WHO);
const CHANGES = 'subscription {\n  changes {\n    title\n  }\n}';
const FOLLOW = generated<{ changes: { title: string } }, Record<string, never>>(CHANGES);

describe('the console, at a gateway of another age', () => {
  let house: DoorsHouse;
  /** What went to the gateway, in order. */
  const sent: { readonly query: string; readonly documentId?: string }[] = [];
  const open = async (manifest: readonly string[]) => {
    const persisted = {
      manifest: new Map(manifest.map((text) => [hashOf(text), text])),
      automatic: null,
      onlyListed: false,
      report: () => undefined,
    };
    house = await startDoorsHouse({ persisted });
    const { fetch } = globalThis;
    // A page's addresses are relative to where it came from.
    vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
      sent.push(JSON.parse(String(init.body)));
      return fetch(new URL(path, house.url), init);
    });
    return import('../console/src/api.ts');
  };
  const ways = () => sent.map(({ query, documentId }) => (query === '' ? documentId?.split(':', 1)[0] : 'text'));

  beforeEach(() => {
    vi.resetModules();
    sent.length = 0;
  });
  afterEach(async () => {
    vi.unstubAllGlobals();
    await house[Symbol.asyncDispose]();
  });

  it('names what it asks, and sends no text to a gateway that knows it', async () => {
    const { ask } = await open([WHO]);
    expect([await ask(WHO_ASKS, {}), await ask(WHO_ASKS, {})]).toEqual([{ whoAsks: null }, { whoAsks: null }]);
    expect(ways()).toEqual(['sha256', 'sha256']);
  });

  it('sends the text where its name is not known, once more and from then on', async () => {
    const { ask } = await open([]);
    expect(await ask(WHO_ASKS, {})).toEqual({ whoAsks: null });
    expect(await ask(WHO_ASKS, {})).toEqual({ whoAsks: null });
    expect(ways()).toEqual(['sha256', 'text', 'text']);
  });

  it('follows a stream by its text where its name is not known, and misses nothing', async () => {
    const { follow } = await open([]);
    const ending = new AbortController();
    const titles: string[] = [];
    const following = follow(FOLLOW, {}, ending.signal, ({ changes }) => titles.push(changes.title));
    await expect.poll(() => house.streams()).toBe(1);
    house.emit('t1');
    await expect.poll(() => titles).toEqual(['Thing 1']);
    ending.abort();
    await following;
    expect(ways()).toEqual(['sha256', 'text']);
    await expect.poll(() => house.streams()).toBe(0);
  });

  it('tells why, and asks no third time, where its text is not taken either', async () => {
    const { ask } = await open([]);
    const wrong = generated<object, Record<string, never>>('{\n  nothing\n}');
    await expect(ask(wrong, {})).rejects.toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
    expect(ways()).toEqual(['sha256', 'text']);
  });
});
