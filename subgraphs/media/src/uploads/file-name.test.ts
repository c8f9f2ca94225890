import { describe, expect, it } from 'vitest';
import { sanitizeFileName, sanitizeTitle } from './file-name.ts';

describe('a file name', () => {
  it.each([
    ['photo.jpg', 'photo.jpg'],
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\windows\\system32\\cmd.exe', 'cmd.exe'],
    ['C:\\Users\\me\\cat.png', 'cat.png'],
    ['a\0b.png', 'ab.png'],
    ['invoice\u202Egpj.exe', 'invoicegpj.exe'],
    ['line\r\nSet-Cookie: a=b.png', 'lineSet-Cookie_ a=b.png'],
    ['cafe\u0301.webp', 'caf\u00e9.webp'],
    ['.hidden.png', 'hidden.png'],
    ['CON', '_CON'],
    ['com1.png', '_com1.png'],
    ['console.png', 'console.png'],
    ["Robert'); drop table asset;--.png", "Robert'); drop table asset;--.png"],
    ['{ me { id } }.png', '{ me { id } }.png'],
    ['写真 🐈.png', '写真 🐈.png'],
    ['what?.png', 'what_.png'],
  ])('%j becomes %j', (name, expected) => {
    expect(sanitizeFileName(name)).toBe(expected);
  });

  it.each(['', ' ', '.', '..', '../', '../..', '\0', '\u202E', '/', '\\'])('%j leaves nothing', (name) => {
    expect(sanitizeFileName(name)).toBeNull();
  });

  it('of 4,000 characters keeps its extension and no half character', () => {
    const clean = sanitizeFileName(`${'🐈'.repeat(2_000)}.jpeg`) ?? '';
    expect(clean.length).toBeLessThanOrEqual(200);
    expect(clean.endsWith('🐈.jpeg')).toBe(true);
    expect(clean.isWellFormed()).toBe(true);
  });
});

describe('a title', () => {
  it('is one line without what cannot be seen, and has an end', () => {
    expect(sanitizeTitle(' a\0 \u202Ecat\n on  a mat ')).toBe('a cat on a mat');
    expect(sanitizeTitle('\u200B\0')).toBeNull();
    expect(sanitizeTitle('x'.repeat(4_000))).toHaveLength(300);
  });
});
