import { describe, expect, it } from 'vitest';
import { createPreviewLinks } from './preview-link.ts';

const links = createPreviewLinks(Buffer.alloc(32, 1).toString('base64url'));
const link = { key: 'tenants/t/media/a/preview-640.jpg', epoch: '3' };

describe('a preview link', () => {
  it('opens what was signed until its time is over', () => {
    const signed = links.sign(link, 1_000);
    expect(links.open(signed, 999)).toEqual(link);
    expect(links.open(signed, 1_000)).toBeNull();
  });

  it('opens nothing when a single bit differs', () => {
    const signed = links.sign(link, 1_000);
    for (let at = 0; at < signed.length; at += 1) {
      const other = signed[at] === 'A' ? 'B' : 'A';
      expect(links.open(signed.slice(0, at) + other + signed.slice(at + 1), 1)).toBeNull();
    }
  });

  it('opens nothing that another key signed, and nothing that is no link', () => {
    const others = createPreviewLinks(Buffer.alloc(32, 2).toString('base64url'));
    expect(links.open(others.sign(link, 1_000), 1)).toBeNull();
    for (const text of ['', '.', 'a', 'a.b', '..', 'x'.repeat(10_000)]) expect(links.open(text, 1)).toBeNull();
  });

  it('refuses a short key', () => {
    expect(() => createPreviewLinks('c2hvcnQ')).toThrow(TypeError);
  });
});
