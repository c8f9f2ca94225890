import { type Caller, codeOf, createCaller } from '../../ops/demo/client.ts';
import { followToRest } from '../../ops/demo/follow.ts';
import { CREATE_UPLOAD, PUBLISH } from '../../ops/demo/operations.ts';
import { type UploadFile, upload } from '../../ops/demo/upload.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import type { Ground } from '../../ops/run/part.ts';
import { photograph } from '../fixtures/make.ts';
import { callerOf } from '../system.ts';

/** The demo's accounts, signed in, and a visitor who is not. */
export interface Cast {
  readonly author: Caller;
  readonly reviewer: Caller;
  readonly admin: Caller;
  /** Author of another tenant. */
  readonly stranger: Caller;
  /** Of the stranger's tenant. */
  readonly buyer: Caller;
  readonly moderator: Caller;
  readonly security: Caller;
  readonly visitor: Caller;
}

export async function castOf(ground: Ground): Promise<Cast> {
  const [author, reviewer, admin, stranger, buyer, moderator, security] = await Promise.all([
    callerOf(ground, 'author@northlight.test'),
    callerOf(ground, 'reviewer@northlight.test'),
    callerOf(ground, 'admin@northlight.test'),
    callerOf(ground, 'author@tidepool.test'),
    callerOf(ground, 'buyer@tidepool.test'),
    callerOf(ground, 'platform@assay.test'),
    callerOf(ground, 'security@assay.test'),
  ]);
  const visitor = createCaller(`${urlsOf(ground).gateway}/graphql`, 'nobody', null);
  return { author, reviewer, admin, stranger, buyer, moderator, security, visitor };
}

/** `ok`, or the code with which it was refused. */
export function outcomeOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => 'ok',
    (error: unknown) => codeOf(error) ?? String(error),
  );
}

export const ROCKET: UploadFile = { name: 'rocket.jpg', contentType: 'image/jpeg', bytes: photograph('rocket.jpg') };

/** Uploads a photograph and waits until it is READY. @returns its id */
export async function readyAsset(caller: Caller, file: UploadFile = ROCKET): Promise<string> {
  const id = await upload(caller, file);
  const state = await followToRest(caller, id, () => undefined);
  if (state !== 'READY') throw new Error(`${file.name} is ${state}.`);
  return id;
}

export async function publish(caller: Caller, assetId: string, visibility: string): Promise<void> {
  await caller.ask(PUBLISH, { input: { assetId, visibility } });
}

export interface OpenUpload {
  readonly assetId: string;
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Asks for a form; posts nothing. */
export async function openUpload(
  caller: Caller,
  { name, contentType, bytes }: UploadFile,
  sizeBytes = bytes.length,
): Promise<OpenUpload> {
  const input = { title: name, fileName: name, contentType, sizeBytes };
  const { createUpload } = await caller.ask<{
    createUpload: { asset: { id: string }; form: { url: string; fields: { name: string; value: string }[] } };
  }>(CREATE_UPLOAD, { input });
  const { asset, form } = createUpload;
  return {
    assetId: asset.id,
    url: form.url,
    fields: Object.fromEntries(form.fields.map((field) => [field.name, field.value])),
  };
}

/** Posts a form as a browser would. @returns the store's status */
export async function post(url: string, fields: Readonly<Record<string, string>>, bytes: Buffer): Promise<number> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.append('file', new Blob([new Uint8Array(bytes)]), 'file');
  const answer = await fetch(url, { method: 'POST', body });
  await answer.arrayBuffer();
  return answer.status;
}

/** Asks until `isSo`. @throws Error when it is not so in time */
export async function until<T>(ask: () => Promise<T>, isSo: (value: T) => boolean, patienceMs = 10_000): Promise<T> {
  for (const deadline = Date.now() + patienceMs; ; ) {
    const value = await ask();
    if (isSo(value)) return value;
    if (Date.now() > deadline) throw new Error(`Still ${JSON.stringify(value)} after ${patienceMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
