import { createSHA256 } from 'hash-wasm';

const CHUNK_BYTES = 4 * 1024 * 1024;

/** Hashes a file piece by piece, off the page's own thread. */
self.addEventListener('message', (event: MessageEvent<File>) => {
  void hash(event.data).then(
    (sha256) => self.postMessage({ sha256 }),
    (error: unknown) => self.postMessage({ error: String(error) }),
  );
});

async function hash(file: File): Promise<string> {
  const sha256 = await createSHA256();
  for (let at = 0; at < file.size; at += CHUNK_BYTES) {
    sha256.update(new Uint8Array(await file.slice(at, at + CHUNK_BYTES).arrayBuffer()));
  }
  return sha256.digest('hex');
}
