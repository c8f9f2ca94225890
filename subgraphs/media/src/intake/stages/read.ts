import { createHash } from 'node:crypto';
import { unknown } from '../evidence.ts';
import type { IntakeAsset, IntakePorts, Readings, Scanner, Unread } from '../ports.ts';
import { createSniffer } from '../sniff/sniffer.ts';

/** How often a running read tells how far it is. */
const PROGRESS_STEPS = 10;

/** The file is whole. */
const WHOLE = new Uint8Array();

/**
 * Reads the object once, and lets everything that needs only the bytes look on: the digest, the sniffer and the scanner. The
 * sandbox gets them too, so that what is decoded later is what was scanned; until then it only keeps them. Nothing is taken
 * from the client, and never is the whole file in this process's memory.
 *
 * @returns what they learned; of an object that was not read to its end, only why, whatever they made of the part that came
 */
export async function readOnce(asset: IntakeAsset, ports: IntakePorts): Promise<Readings | Unread> {
  const startedAt = ports.now();
  const hash = createHash('sha256');
  const sniffer = createSniffer(asset.declaredType);
  const total = Number(asset.declaredSize);
  let sizeBytes = 0;
  let reported = 0;
  let missing: { readonly cause: unknown } | null = { cause: new Error('The object was not read to its end.') };

  async function* observed(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of await ports.open()) {
        const fed = ports.cell.feed(chunk);
        hash.update(chunk);
        sniffer.take(chunk);
        sizeBytes += chunk.length;
        const step = Math.min(PROGRESS_STEPS, Math.floor((sizeBytes / Math.max(total, 1)) * PROGRESS_STEPS));
        if (step > reported && step < PROGRESS_STEPS) {
          reported = step;
          await ports.progress('SCAN', sizeBytes, total);
        }
        yield chunk;
        await fed;
      }
      await ports.cell.feed(WHOLE);
      missing = null;
    } catch (cause) {
      missing = { cause };
    }
  }

  const chunks = observed();
  const scanned = await scanAlong(ports.scanner, chunks);
  // A scanner that gave up half way has not seen the rest; size, digest and type want it all the same.
  for await (const chunk of chunks) void chunk;
  if (missing) return { unread: missing.cause, startedAt, endedAt: ports.now() };
  await ports.progress('SCAN', sizeBytes, Math.max(total, sizeBytes));
  return {
    sizeBytes,
    sha256: hash.digest('hex'),
    sniffed: await sniffer.end(),
    scanned,
    startedAt,
    endedAt: ports.now(),
  };
}

/** A scanner that hangs up cannot end the chunks for those who read on. */
async function scanAlong(scanner: Scanner, chunks: AsyncGenerator<Uint8Array>): Promise<Readings['scanned']> {
  const unending = { [Symbol.asyncIterator]: () => ({ next: () => chunks.next() }) };
  return scanner.scan(unending).catch((error: unknown) => unknown('clamd', error));
}
