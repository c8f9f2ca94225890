// Runs inside the sandbox and nowhere else: no network, no environment, no files but its own libraries. It reads one file from
// its standard input, answers what it is asked about it on its standard output, and ends with its input.

import { createReader } from './input.ts';
import { readPicture } from './read.ts';
import { renderPreviews } from './render.ts';
import { decodeOnly } from './sharp-guard.ts';

interface Question {
  readonly operation: 'inspect' | 'render';
  readonly mimeType: string;
  readonly maxPixels: number;
  readonly label: string;
}

/** The file follows. */
interface Announcement {
  readonly operation: 'read';
}

interface Blob {
  readonly name: string;
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

decodeOnly(['jpeg', 'png', 'webp']);
// Ready: what is left to do needs the bytes.
process.stdout.write(Buffer.from([0]));
const input = createReader(process.stdin);
let file: Buffer | null = null;
for (let line = await input.line(); line !== null; line = await input.line()) {
  const said = JSON.parse(line) as Question | Announcement;
  if (said.operation === 'read') file = await input.file();
  else if (file) await answer(said, file);
  // Of a file that broke off nothing is said: silence is no verdict.
  if (!file) break;
}
process.stdin.destroy();

async function answer({ operation, maxPixels, label }: Question, bytes: Buffer): Promise<void> {
  try {
    if (operation === 'inspect') {
      const { width, height, pixels, blurred } = await readPicture(bytes, maxPixels);
      reply({ ok: true, width, height }, [
        { name: 'pixels', mimeType: 'application/octet-stream', width: 224, height: 224, bytes: pixels },
        { name: 'blurred', mimeType: 'image/jpeg', width, height, bytes: blurred },
      ]);
    } else {
      reply({ ok: true }, await renderPreviews(bytes, maxPixels, label));
    }
  } catch (error) {
    reply({ ok: false, message: error instanceof Error ? error.message : String(error) }, []);
  }
}

/** A length, a JSON header with the blobs' lengths, then the blobs. */
function reply(header: Record<string, unknown>, blobs: readonly Blob[]): void {
  const listed = blobs.map(({ bytes, ...blob }) => ({ ...blob, length: bytes.length }));
  const json = Buffer.from(JSON.stringify({ ...header, blobs: listed }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  process.stdout.write(Buffer.concat([length, json, ...blobs.map(({ bytes }) => bytes)]));
}
