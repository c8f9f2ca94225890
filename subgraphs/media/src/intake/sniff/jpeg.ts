import { createWalker, type Step, type Walker } from './walker.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const TEM = 0x01;

/** JPEG (ITU-T T.81, annex B): segments by their length, then entropy-coded data up to the next marker, until EOI. */
export function walkJpeg(): Walker {
  let inScan = false;

  const marker = (): Step => ({ need: 1, then: ([code = 0]) => afterMarker(code) });
  const entropy = (): Step => ({ find: 0xff, then: marker });
  const prefix = (): Step => ({ need: 1, then: ([byte]) => (byte === 0xff ? marker() : 'broken') });

  const afterMarker = (code: number): Step => {
    if (code === 0xff) return marker(); // fill bytes (B.1.1.2)
    if (inScan && (code === 0x00 || isRestart(code))) return entropy();
    inScan = false;
    if (code === EOI) return 'end';
    if (code === SOI || code === 0x00) return 'broken';
    if (code === TEM || isRestart(code)) return prefix();
    return { need: 2, then: (bytes) => segment(code, bytes.readUInt16BE(0)) };
  };

  const segment = (code: number, length: number): Step => {
    if (length < 2) return 'broken';
    if (code === SOS) inScan = true;
    return length > 2 ? { skip: length - 2 } : next();
  };

  const next = (): Step => (inScan ? entropy() : prefix());
  return createWalker({ need: 2, then: (bytes) => (bytes.readUInt16BE(0) === 0xffd8 ? prefix() : 'broken') }, next);
}

function isRestart(code: number): boolean {
  return code >= 0xd0 && code <= 0xd7;
}
