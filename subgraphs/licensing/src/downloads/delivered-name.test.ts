import { describe, expect, it } from 'vitest';
import { deliveredName } from './delivered-name.ts';

describe('the name of a delivered file', () => {
  it.each([
    ['photo.jpg', 'image/jpeg', 'photo.jpg'],
    ['PHOTO.JPEG', 'image/jpeg', 'PHOTO.JPEG'],
    ['invoicegpj.exe', 'image/jpeg', 'invoicegpj.exe.jpg'],
    ['drawing.jpg', 'image/png', 'drawing.jpg.png'],
    ['photo', 'image/webp', 'photo.webp'],
    ['.jpg', 'image/jpeg', '.jpg'],
    ['plugin.zip', 'application/zip', 'plugin.zip'],
  ])('%s of type %s is %s', (fileName, mimeType, delivered) => {
    expect(deliveredName(fileName, mimeType)).toBe(delivered);
  });
});
