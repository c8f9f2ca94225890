import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  decompressionBomb,
  eicarInJpegTail,
  eicarInZip,
  executable,
  jpegAndZip,
  jpegHeaderOverScript,
  photograph,
  svgWithScript,
  truncatedJpeg,
} from '../../../../../test/fixtures/make.ts';
import { createSniffer } from './sniffer.ts';

/** In chunks of an awkward size, as a network gives them. */
async function sniff(bytes: Buffer, declared: string, size = 777) {
  const sniffer = createSniffer(declared);
  for (let at = 0; at < bytes.length; at += size) sniffer.take(bytes.subarray(at, at + size));
  const { observation, mimeType } = await sniffer.end();
  return { verdict: observation.verdict, codes: observation.findings.map(({ code }) => code), mimeType };
}

describe('what an upload is, by its content', () => {
  it.each([
    ['rocket.jpg', 'image/jpeg'],
    ['hubble_deep_field.jpg', 'image/jpeg'],
    ['coffee.png', 'image/png'],
    ['chelsea.png', 'image/png'],
  ] as const)('takes the photograph %s', async (name, type) => {
    for (const size of [1, 777, 65_536, 10_000_000]) {
      expect(await sniff(photograph(name), type, size)).toEqual({ verdict: 'PASS', codes: [], mimeType: type });
    }
  });

  it('takes WebP and progressive JPEG', async () => {
    const picture = sharp(photograph('rocket.jpg'));
    expect((await sniff(await picture.clone().webp().toBuffer(), 'image/webp')).verdict).toBe('PASS');
    expect((await sniff(await picture.clone().jpeg({ progressive: true }).toBuffer(), 'image/jpeg')).verdict).toBe(
      'PASS',
    );
  });

  it.each([
    ['an executable called .jpg', executable(), 'image/jpeg', 'OTHER_TYPE'],
    ['malware behind a photograph', eicarInJpegTail(), 'image/jpeg', 'TRAILING_DATA'],
    ['an archive called .png', eicarInZip(), 'image/png', 'OTHER_TYPE'],
    ['half a photograph', truncatedJpeg(), 'image/jpeg', 'UNDECODABLE'],
    ['a script behind the first bytes of a JPEG', jpegHeaderOverScript(), 'image/jpeg', 'POLYGLOT'],
    ['a photograph that is an archive too', jpegAndZip(), 'image/jpeg', 'POLYGLOT'],
    ['an SVG called .png', svgWithScript(), 'image/png', 'OTHER_TYPE'],
    ['a photograph of another type than declared', photograph('rocket.jpg'), 'image/png', 'OTHER_TYPE'],
    ['nothing at all', Buffer.alloc(0), 'image/png', 'UNKNOWN_TYPE'],
    ['noise', Buffer.alloc(5000, 0xa7), 'image/png', 'UNKNOWN_TYPE'],
  ])('refuses %s', async (_name, bytes, type, code) => {
    const sniffed = await sniff(bytes, type);
    expect(sniffed.verdict).toBe('FAIL');
    expect(sniffed.codes).toContain(code);
  });

  it('leaves a bomb to the decoder, since its structure is in order', async () => {
    expect((await sniff(decompressionBomb(), 'image/png')).verdict).toBe('PASS');
  });
});
