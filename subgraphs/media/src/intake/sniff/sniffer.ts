import { fileTypeFromBuffer } from 'file-type';
import type { Finding } from '../evidence.ts';
import type { Sniffed } from '../ports.ts';
import { walkJpeg } from './jpeg.ts';
import { walkPng } from './png.ts';
import { createTail } from './tail.ts';
import type { Walker } from './walker.ts';
import { walkWebp } from './webp.ts';

/** What is taken, and how its structure is walked. A new kind is a new line. */
const WALKERS: Readonly<Record<string, () => Walker>> = {
  'image/jpeg': walkJpeg,
  'image/png': walkPng,
  'image/webp': walkWebp,
};

const HEAD_BYTES = 4_100;
/** An end-of-central-directory record with the longest comment (APPNOTE 4.3.16). */
const TAIL_BYTES = 22 + 65_535;
const TOOL = { tool: 'file-type + structure', toolVersion: '22.3.0 + 1', dataVersion: null } as const;

/** Looks at bytes as they come by; keeps their first 4 kB and their last 64 kB. */
export interface Sniffer {
  take(chunk: Uint8Array): void;
  end(): Promise<Sniffed>;
}

/**
 * Tells the type by content: the magic, the whole structure up to its end, what lies behind it, and whether the file is
 * something else too. Who attacks here wants a file that we take for a picture and somebody else runs.
 *
 * @param declaredType what the upload was announced as
 */
export function createSniffer(declaredType: string): Sniffer {
  const walker = WALKERS[declaredType]?.();
  let head = Buffer.alloc(0);
  const tail = createTail(TAIL_BYTES);
  return {
    take: (chunk) => {
      walker?.take(chunk);
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      tail.take(chunk);
    },
    end: async () => {
      const type = await fileTypeFromBuffer(head).catch(() => undefined);
      const findings = findingsOf(declaredType, type?.mime, walker, head, tail.bytes());
      const verdict = findings.length === 0 ? 'PASS' : 'FAIL';
      return { observation: { verdict, ...TOOL, findings }, mimeType: type?.mime ?? null };
    },
  };
}

function findingsOf(
  declared: string,
  actual: string | undefined,
  walker: Walker | undefined,
  head: Buffer,
  tail: Buffer,
): Finding[] {
  const findings: Finding[] = [];
  const text = textKind(head);
  if (text) findings.push({ code: actual ? 'POLYGLOT' : 'OTHER_TYPE', detail: text });
  if (tail.includes('PK\x05\x06', 0, 'latin1'))
    findings.push({ code: actual === 'application/zip' ? 'OTHER_TYPE' : 'POLYGLOT', detail: 'ZIP' });
  if (!actual && !text) findings.push({ code: 'UNKNOWN_TYPE' });
  if (actual && actual !== declared) findings.push({ code: 'OTHER_TYPE', detail: actual });
  if (actual === declared && walker) {
    if (walker.trailing > 0) findings.push({ code: 'TRAILING_DATA', detail: `${walker.trailing} bytes` });
    else if (!walker.complete) findings.push({ code: 'UNDECODABLE', detail: 'ends before its end' });
  }
  return findings;
}

/** What a browser or an interpreter would take it for, whatever its first bytes say; file-type knows none of these. */
function textKind(head: Buffer): string | null {
  const text = head.toString('latin1').toLowerCase();
  if (text.slice(0, 1024).includes('%pdf-')) return 'PDF';
  if (text.includes('<svg')) return 'SVG';
  if (text.includes('<?php') || text.includes('#!/')) return 'script';
  return /<(html|script|iframe|body)[\s>]/.test(text) ? 'HTML' : null;
}
