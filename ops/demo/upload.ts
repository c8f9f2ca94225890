import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from './client.ts';
import { CREATE_UPLOAD, FINALIZE_UPLOAD } from './operations.ts';

/** A file as somebody sends it: what it is called and declared as, which need not be what it is. */
export interface UploadFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

interface CreateUploadAnswer {
  createUpload: { asset: { id: string }; form: { url: string; fields: { name: string; value: string }[] } };
}

/**
 * The three steps of an upload: ask for a form, post the bytes to the store, finalize with the digest.
 *
 * @returns the asset's id
 * @throws Error when the store refuses the bytes
 */
export async function upload(caller: Caller, file: UploadFile): Promise<string> {
  const { createUpload } = await caller.ask<CreateUploadAnswer>(CREATE_UPLOAD, {
    input: { title: file.name, fileName: file.name, contentType: file.contentType, sizeBytes: file.bytes.length },
  });
  await postToStore(createUpload.form, file);
  const sha256 = createHash('sha256').update(file.bytes).digest('hex');
  await caller.ask(FINALIZE_UPLOAD, { input: { assetId: createUpload.asset.id, sha256 } });
  return createUpload.asset.id;
}

/** Something else is under way at the same place: S3 says to try again. */
const CONFLICT = 409;
const CONFLICTS_BORNE = 8;
const PAUSE_MS = 20;

async function postToStore(form: CreateUploadAnswer['createUpload']['form'], file: UploadFile): Promise<void> {
  const body = new FormData();
  for (const { name, value } of form.fields) body.append(name, value);
  body.append('file', new Blob([new Uint8Array(file.bytes)], { type: file.contentType }), file.name);
  for (let met = 1; ; met += 1) {
    const answer = await fetch(form.url, { method: 'POST', body });
    if (answer.ok) return;
    if (answer.status !== CONFLICT || met > CONFLICTS_BORNE)
      throw new Error(`The store refused ${file.name}: ${answer.status}`);
    await sleep(PAUSE_MS * met);
  }
}
