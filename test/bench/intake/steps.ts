import { randomUUID } from 'node:crypto';
import { createClamdScanner } from '@assay/media/adapters/clamd';
import { createClassifier } from '@assay/media/adapters/classifier/classifier';
import { openVault } from '@assay/media/adapters/s3-vault';
import { renderPreviews } from '@assay/media/adapters/sandbox/render';
import { resizeBilinear } from '@assay/media/adapters/sandbox/resize';
import { parseIntakeConfig } from '@assay/media/workers/intake-config';
import sharp from 'sharp';
import { environmentOf } from '../../../ops/run/environment.ts';
import type { Ground } from '../../../ops/run/part.ts';

/** What each bare step took, in milliseconds, by its name. */
export type Steps = Readonly<Record<StepName, number>>;
export type StepName = 'read' | 'scan' | 'decode' | 'classify' | 'render' | 'copy' | 'write';

export interface BareSteps extends AsyncDisposable {
  /** One file through every step, one after the other, with nothing else under way. */
  measure(jpeg: Buffer): Promise<Steps>;
}

const MAX_PIXELS = 100_000_000;
const CLASSIFIER_SIDE = 224;

/**
 * The work itself, without a pipeline around it: the same tools on the same parts, by the worker's own keys. One read of the
 * object, clamd's INSTREAM, a whole decode, nsfwjs, three watermarked sizes, the original copied to another bucket, three small
 * writes. No database, no sandbox, no queue, no events, no evidence.
 */
export function openBareSteps(ground: Ground): BareSteps {
  const config = parseIntakeConfig(environmentOf(ground, 'intake'));
  const vault = openVault(config.store, config.buckets);
  const scanner = createClamdScanner({ url: config.clamd, timeoutMs: 60_000 });
  const classifier = createClassifier(30_000);
  return {
    measure: async (jpeg) => {
      const folder = `tenants/${randomUUID()}/media/${randomUUID()}`;
      const stored = await vault.put('MEDIA', `${folder}/original`, jpeg, 'image/jpeg');
      const [read, bytes] = await timed(async () => Buffer.concat(await Array.fromAsync(await vault.open(stored))));
      const [scan, { verdict }] = await timed(() => scanner.scan(chunksOf(bytes)));
      if (verdict !== 'PASS') throw new Error(`The scanner says ${verdict}.`);
      const [decode, pixels] = await timed(() => pixelsOf(bytes));
      const [classify] = await timed(() => classifier.score(pixels));
      const [render, previews] = await timed(() => renderPreviews(bytes, MAX_PIXELS, 'ASSAY PREVIEW'));
      const [copy] = await timed(() => vault.copy(stored, 'QUARANTINE'));
      const [write] = await timed(async () => {
        for (const { name, bytes: preview, mimeType } of previews)
          await vault.put('MEDIA', `${folder}/${name}`, preview, mimeType);
      });
      return { read, scan, decode, classify, render, copy, write };
    },
    [Symbol.asyncDispose]: async () => {
      vault[Symbol.dispose]();
      await classifier[Symbol.asyncDispose]();
    },
  };
}

/** @returns milliseconds, and what came of the work */
async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const from = performance.now();
  const result = await work();
  return [performance.now() - from, result];
}

const CHUNK_BYTES = 64 * 1024;

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

async function pixelsOf(bytes: Buffer): Promise<Uint8Array> {
  const image = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error', sequentialRead: true });
  const { data, info } = await image.toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return resizeBilinear(data, info, CLASSIFIER_SIDE);
}
