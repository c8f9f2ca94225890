import { useSyncExternalStore } from 'react';
import { type UploadProgress, uploadFile } from './upload.ts';

/** A file on its way, or arrived. */
export interface Upload {
  readonly key: number;
  readonly name: string;
  readonly progress: UploadProgress;
  readonly error: unknown;
}

let uploads: readonly Upload[] = [];
let nextKey = 0;
const listeners = new Set<() => void>();

function set(next: readonly Upload[]): void {
  uploads = next;
  for (const listener of listeners) listener();
}

/** Begins to upload files. They go on, and are remembered, while one looks at other pages of the console. */
export function startUploads(files: Iterable<File>): void {
  for (const file of files) {
    nextKey += 1;
    const key = nextKey;
    const change = (part: Partial<Upload>) =>
      set(uploads.map((upload) => (upload.key === key ? { ...upload, ...part } : upload)));
    set([
      { key, name: file.name, progress: { step: 'preparing', percent: 0, assetId: null }, error: null },
      ...uploads,
    ]);
    uploadFile(file, (progress) => change({ progress })).catch((error: unknown) => change({ error }));
  }
}

/** Forgets what was uploaded: somebody else is signed in. */
export function forgetUploads(): void {
  set([]);
}

/** The newest first. */
export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => uploads,
  );
}
