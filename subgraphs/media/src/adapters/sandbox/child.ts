// Runs inside the sandbox and nowhere else: no network, no environment, no files but its own libraries. It reads one request and
// one file from its standard input, answers on its standard output, and ends.

import { readPicture } from './read.ts';
import { renderPreviews } from './render.ts';
import { decodeOnly } from './sharp-guard.ts';

interface Request {
  readonly operation: 'inspect' | 'render';
  readonly mimeType: string;
  readonly maxPixels: number;
  readonly label: string;
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
const input: Buffer[] = [];
for await (const chunk of process.stdin) input.push(chunk as Buffer);
const whole = Buffer.concat(input);
const headerEnd = whole.indexOf('\n');
const request = JSON.parse(whole.toString('utf8', 0, headerEnd)) as Request;
const file = fileOf(whole.subarray(headerEnd + 1));
// Of a file that broke off nothing is said: silence is no verdict.
if (file) await answer(request, file);

/** The bytes between the frames' lengths; null when the frame of no length is missing. */
function fileOf(framed: Buffer): Buffer | null {
  const parts: Buffer[] = [];
  for (let at = 0; at + 4 <= framed.length; ) {
    const length = framed.readUInt32BE(at);
    if (length === 0) return Buffer.concat(parts);
    parts.push(framed.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return null;
}

async function answer({ operation, maxPixels, label }: Request, bytes: Buffer): Promise<void> {
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
