/** As long as common file systems take, in UTF-16 units; a name that is longer keeps its extension. */
const MAX_NAME = 200;
const MAX_EXTENSION = 16;

/** Control characters, line separators, and what turns the direction of writing around: `gpj.exe` shown as `exe.jpg`. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}]/gu;
/** Names that are devices to Windows, whatever extension follows. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;
/** What Windows, a shell or a header reads as something else than a letter of a name. */
const RESERVED = /[<>:"|?*\\/]/g;

/**
 * Makes a file name that is safe to show, to store and to save under (the key of the object never comes from it).
 *
 * The last part of a path is kept; invisible and direction-turning characters go; reserved ones become `_`, devices `_CON`; it is
 * NFC (UAX 15) and at most 200 characters, the extension kept.
 *
 * @returns null when nothing is left
 */
export function sanitizeFileName(name: string): string | null {
  const last =
    name
      .replace(INVISIBLE, '')
      .split(/[\\/]/)
      .filter((part) => part.trim() !== '' && !/^\.+$/.test(part.trim()))
      .at(-1) ?? '';
  const clean = last
    .normalize('NFC')
    .replace(RESERVED, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[.\s]+|[.\s]+$/g, '')
    .replace(DEVICE, '_$&');
  if (clean === '') return null;
  return clean.length <= MAX_NAME ? clean : shorten(clean);
}

function shorten(name: string): string {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= MAX_EXTENSION ? name.slice(dot) : '';
  return cut(name.slice(0, name.length - extension.length), MAX_NAME - extension.length) + extension;
}

/** The longest whole title that is kept. */
const MAX_TITLE = 300;

/** A title in one line: no invisible characters, single spaces, NFC, at most 300 characters. @returns null when nothing is left */
export function sanitizeTitle(title: string): string | null {
  const clean = title
    .replace(/[\n\r\t]/g, ' ')
    .replace(INVISIBLE, '')
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .trim();
  return clean === '' ? null : cut(clean, MAX_TITLE).trim();
}

/** Cuts at a whole character (UAX 29), so that no half of one stays. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text.slice(0, length + 64))) {
    if (kept.length + segment.length > length) break;
    kept += segment;
  }
  return kept;
}
