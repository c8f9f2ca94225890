import type { Observation } from '../../intake/evidence.ts';
import type { Inspected, Rendition, Sandbox } from '../../intake/ports.ts';
import { type Reply, type SandboxRequest, startCell, verifyBubblewrap } from './cell.ts';

const TOOL = { tool: 'sharp', toolVersion: '0.35.5', dataVersion: null } as const;

export interface SandboxOptions {
  /** How long a child may take for one file, in milliseconds. */
  readonly timeoutMs: number;
  /** How many children wait ready, so that an asset need not wait for a start. */
  readonly spare: number;
}

/**
 * Decoders and renderers under bubblewrap. A child serves one file and ends; killing it loses nothing, since the asset's state
 * and bytes are elsewhere.
 *
 * @throws Error when bubblewrap is missing: without it nothing is decoded
 */
export function createSandbox({ timeoutMs, spare }: SandboxOptions): Sandbox & AsyncDisposable {
  verifyBubblewrap();
  const waiting = Array.from({ length: spare }, () => startCell(timeoutMs));
  const ask = async (request: SandboxRequest, chunks: AsyncIterable<Uint8Array>): Promise<Reply> => {
    const cell = waiting.shift() ?? startCell(timeoutMs);
    try {
      return await cell.ask(request, chunks);
    } finally {
      cell.end();
      if (waiting.length < spare) waiting.push(startCell(timeoutMs));
    }
  };
  return {
    inspect: async (chunks, mimeType, maxPixels) =>
      inspectedOf(await ask({ operation: 'inspect', mimeType, maxPixels, label: '' }, chunks)),
    render: async (chunks, mimeType, maxPixels, label) =>
      renditionsOf(await ask({ operation: 'render', mimeType, maxPixels, label }, chunks)),
    [Symbol.asyncDispose]: async () => {
      spare = 0;
      for (const cell of waiting.splice(0)) cell.end();
    },
  };
}

function inspectedOf(reply: Reply): Inspected {
  if (!reply.ok) return { observation: refused(reply.message ?? ''), picture: null };
  const pixels = reply.blobs.find(({ name }) => name === 'pixels')?.bytes;
  const blurred = reply.blobs.find(({ name }) => name === 'blurred')?.bytes;
  if (!pixels || !blurred || reply.width === undefined || reply.height === undefined)
    throw new Error('The sandbox answered with less than was asked.');
  return {
    observation: { verdict: 'PASS', ...TOOL, findings: [] },
    picture: { width: reply.width, height: reply.height, pixels, blurred },
  };
}

function refused(message: string): Observation {
  const code = /pixel limit/i.test(message) ? 'TOO_MANY_PIXELS' : 'UNDECODABLE';
  return { verdict: 'FAIL', ...TOOL, findings: [{ code, detail: message.split('\n')[0]?.slice(0, 200) ?? '' }] };
}

function renditionsOf(reply: Reply): readonly Rendition[] {
  if (!reply.ok || reply.blobs.length === 0)
    throw new Error(`Nothing was rendered: ${reply.message ?? 'no reason given'}`);
  return reply.blobs;
}
