import { createWalker, type Step, type Walker } from './walker.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** PNG (W3C, third edition, section 5): the signature, then chunks of length, type, data and CRC, until IEND. */
export function walkPng(): Walker {
  let first = true;
  let last = false;

  const chunk = (): Step => ({ need: 8, then: (bytes) => data(bytes.readUInt32BE(0), bytes.toString('latin1', 4)) });
  const data = (length: number, type: string): Step => {
    if (length > 0x7fffffff || !/^[A-Za-z]{4}$/.test(type) || (first && type !== 'IHDR')) return 'broken';
    first = false;
    last = type === 'IEND';
    return { skip: length + 4 };
  };
  return createWalker({ need: 8, then: (bytes) => (bytes.equals(SIGNATURE) ? chunk() : 'broken') }, () =>
    last ? 'end' : chunk(),
  );
}
