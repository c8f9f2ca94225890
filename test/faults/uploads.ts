import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import WebSocket from 'ws';
import { type Caller, codeOf } from '../../ops/demo/client.ts';
import { FINALIZE_UPLOAD } from '../../ops/demo/operations.ts';
import { eicar, photograph } from '../fixtures/make.ts';
import { type OpenUpload, openUpload, post } from '../scenarios/cast.ts';

/** What a file has to come to, whatever dies meanwhile. */
export interface Case {
  readonly id: string;
  readonly expected: 'READY' | 'QUARANTINED';
}

/** What a client waits for at most, with parts away. */
const PATIENCE_MS = 90_000;
/** Refusals that say: not now. Everything else is an answer. */
const AWAY = new Set([null, 'UPSTREAM_UNAVAILABLE', 'INTERNAL']);

/** A photograph like no other; with malware behind its end when it is to be found. */
export function somePhotograph(isBad: boolean): Buffer {
  const photo = photograph('rocket.jpg');
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 18]), randomBytes(16)]);
  return Buffer.concat([photo.subarray(0, 2), comment, photo.subarray(2), ...(isBad ? [eicar()] : [])]);
}

/** Uploads as a patient client does: each step again while something is away. */
export async function uploadPatiently(caller: Caller, isBad: boolean): Promise<Case & { readonly form: OpenUpload }> {
  const file = { name: 'photo.jpg', contentType: 'image/jpeg', bytes: somePhotograph(isBad) };
  const form = await patiently(() => openUpload(caller, file));
  const { assetId } = form;
  await patiently(async () => {
    const status = await post(form.url, form.fields, file.bytes);
    if (status !== 204) throw new Error(`The store answers ${status}.`);
  });
  const input = { assetId, sha256: createHash('sha256').update(file.bytes).digest('hex') };
  await patiently(() => caller.ask(FINALIZE_UPLOAD, { input }));
  return { id: assetId, form, expected: isBad ? 'QUARANTINED' : 'READY' };
}

/** Does it again while a part is away. @throws what it throws for another reason, or in the end */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!AWAY.has(codeOf(error)) || Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

export interface Seen {
  readonly cursor: string;
  readonly seq: number;
  readonly type: string;
  readonly state: string;
  readonly stage: string | null;
  readonly verdict: string | null;
  readonly asset: { readonly preview: object | null } | null;
}

const FOLLOW =
  'subscription ($id: ID!, $after: String) { assetEvents(assetId: $id, after: $after) { cursor seq type state stage verdict asset { preview { url } } } }';
const ENDS = new Set(['READY', 'QUARANTINED', 'REJECTED']);

/** How events come: what fails is not tried again by the transport, so that nothing is hidden here. */
export type Transport = (variables: { id: string; after: string | null }) => AsyncIterable<Seen>;

export function overSse(url: string, token: string): Transport {
  const client = createSse({ url, retryAttempts: 0, headers: { authorization: `Bearer ${token}` } });
  return async function* (variables) {
    for await (const { data, errors } of client.iterate<{ assetEvents: Seen }>({ query: FOLLOW, variables })) {
      if (errors) throw new Error(errors[0]?.message);
      if (data) yield data.assetEvents;
    }
  };
}

export function overWebSocket(url: string, token: string): Transport {
  return async function* (variables) {
    const client = createWs({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${token}` },
    });
    try {
      for await (const { data, errors } of client.iterate<{ assetEvents: Seen }>({ query: FOLLOW, variables })) {
        if (errors) throw new Error(errors[0]?.message);
        if (data) yield data.assetEvents;
      }
    } finally {
      void client.dispose();
    }
  };
}

/** Follows an asset to its rest, from the last cursor whenever the stream breaks. @returns every event as it came */
export async function followThrough(transport: Transport, id: string): Promise<Seen[]> {
  const events: Seen[] = [];
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; ) {
    try {
      for await (const event of transport({ id, after: events.at(-1)?.cursor ?? null })) {
        events.push(event);
        if (ENDS.has(event.state)) return events;
      }
    } catch {
      // Broken: the gateway died, or something behind it. The last cursor is where it goes on.
    }
    await sleep(100);
  }
  throw new Error(`${id} is ${events.at(-1)?.state} and did not come to rest.`);
}
