import { createWalker, type Step, type Walker } from './walker.ts';

/** WebP (RFC 9649, section 2.4): a RIFF container of a length that it states itself, padded to an even one. */
export function walkWebp(): Walker {
  const container = (bytes: Buffer): Step => {
    if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP') return 'broken';
    const rest = bytes.readUInt32LE(4) - 4;
    return rest > 0 ? { skip: rest + (rest % 2) } : 'broken';
  };
  return createWalker({ need: 12, then: container }, () => 'end');
}
