import type { Observation } from '../../intake/evidence.ts';
import type { Inspected, Rendition, Sandbox, SandboxCell } from '../../intake/ports.ts';
import { type Cell, decoderVersion, type Reply, type SandboxRequest, startCell, verifyBubblewrap } from './cell.ts';

const TOOL = { tool: 'sharp', toolVersion: decoderVersion(), dataVersion: null } as const;

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
  const take = () => waiting.shift() ?? startCell(timeoutMs);
  const leave = (cell: Cell) => {
    cell.end();
    if (waiting.length < spare) waiting.push(startCell(timeoutMs));
  };
  return {
    take: () => takeCell(take, leave),
    [Symbol.asyncDispose]: async () => {
      spare = 0;
      for (const cell of waiting.splice(0)) cell.end();
    },
  };
}

/** A child is taken with the file's first bytes. */
function takeCell(take: () => Cell, leave: (cell: Cell) => void): SandboxCell {
  let cell: Cell | undefined;
  let isWhole = false;
  let isOver = false;
  const ask = async (request: SandboxRequest): Promise<Reply> => {
    if (!cell || !isWhole || isOver) throw new Error('The sandbox has no whole file.');
    return cell.ask(request);
  };
  return {
    get isWhole() {
      return isWhole;
    },
    feed: async (chunk) => {
      if (isOver) return;
      cell ??= take();
      await cell.feed(chunk);
      isWhole = chunk.length === 0;
    },
    inspect: async (mimeType, maxPixels) =>
      inspectedOf(await ask({ operation: 'inspect', mimeType, maxPixels, label: '' })),
    render: async (mimeType, maxPixels, label) =>
      renditionsOf(await ask({ operation: 'render', mimeType, maxPixels, label })),
    [Symbol.dispose]: () => {
      if (cell && !isOver) leave(cell);
      isOver = true;
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

/** @throws Error where it was us who had too little: that is no verdict on the file */
function refused(message: string): Observation {
  if (/out of memory|cannot allocate/i.test(message))
    throw new Error('The sandbox has too little memory for this file.');
  const code = /pixel limit/i.test(message) ? 'TOO_MANY_PIXELS' : 'UNDECODABLE';
  return { verdict: 'FAIL', ...TOOL, findings: [{ code, detail: message.split('\n')[0]?.slice(0, 200) ?? '' }] };
}

function renditionsOf(reply: Reply): readonly Rendition[] {
  if (!reply.ok || reply.blobs.length === 0)
    throw new Error(`Nothing was rendered: ${reply.message ?? 'no reason given'}`);
  return reply.blobs;
}
