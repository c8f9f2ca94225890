import Uppy from '@uppy/core';
import XHRUpload from '@uppy/xhr-upload';
import { ask } from '../api.ts';
import { CREATE_UPLOAD, FINALIZE_UPLOAD } from '../operations.ts';

/** Where an upload stands, for the page. */
export interface UploadProgress {
  readonly step: 'preparing' | 'sending' | 'finalizing' | 'sent';
  readonly percent: number;
  readonly assetId: string | null;
}

/**
 * Uploads one file: a form from the gateway, the bytes to the store by Uppy, the digest from a worker, then finalize.
 *
 * @returns the asset's id
 * @throws ApiError, or Error when the store refuses
 */
export async function uploadFile(file: File, onProgress: (progress: UploadProgress) => void): Promise<string> {
  onProgress({ step: 'preparing', percent: 0, assetId: null });
  const digest = digestOf(file);
  const input = {
    title: file.name,
    fileName: file.name,
    contentType: file.type || 'application/octet-stream',
    sizeBytes: file.size,
  };
  const { createUpload } = await ask(CREATE_UPLOAD, { input });
  const assetId = createUpload.asset.id;
  await send(file, createUpload.form, (percent) => onProgress({ step: 'sending', percent, assetId }));
  onProgress({ step: 'finalizing', percent: 100, assetId });
  await ask(FINALIZE_UPLOAD, { input: { assetId, sha256: await digest } });
  onProgress({ step: 'sent', percent: 100, assetId });
  return assetId;
}

interface Form {
  readonly url: string;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

async function send(file: File, form: Form, onPercent: (percent: number) => void): Promise<void> {
  const uppy = new Uppy({ autoProceed: false });
  uppy.use(XHRUpload, {
    endpoint: form.url,
    fieldName: 'file',
    formData: true,
    allowedMetaFields: form.fields.map(({ name }) => name),
    // Something else is under way at the same place: S3 says to try again. Everything else is an answer.
    shouldRetry: ({ status }) => status === 409,
    // A store answers an upload with 204 and no body.
    getResponseData: () => ({ url: '' }),
  });
  uppy.on('upload-progress', (_file, { bytesUploaded, bytesTotal }) => {
    if (bytesTotal) onPercent(Math.round((100 * bytesUploaded) / bytesTotal));
  });
  try {
    uppy.addFile({
      name: file.name,
      type: file.type,
      data: file,
      meta: Object.fromEntries(form.fields.map(({ name, value }) => [name, value])),
    });
    const result = await uppy.upload();
    if (!result || (result.failed?.length ?? 0) > 0)
      throw new Error(
        'The store refused the file: its size or type is not what was announced, or the form has expired.',
      );
  } finally {
    uppy.destroy();
  }
}

function digestOf(file: File): Promise<string> {
  const worker = new Worker(new URL('./digest.worker.ts', import.meta.url), { type: 'module' });
  const digest = new Promise<string>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ sha256?: string; error?: string }>) =>
      data.sha256 ? resolve(data.sha256) : reject(new Error(data.error));
    worker.onerror = () => reject(new Error('The digest could not be computed.'));
  });
  // Asked for later; a failure until then is not unhandled.
  digest.catch(() => undefined);
  void digest.finally(() => worker.terminate()).catch(() => undefined);
  worker.postMessage(file);
  return digest;
}
