const LONGEST = 200;

/**
 * A name that can neither leave its folder nor its header: no separators, no control or format characters (which hide or
 * turn around an extension), no leading dots, never empty. Names are sanitised at upload; the edge takes nobody's word for it.
 */
export function safeFileName(name: string): string {
  if (/^\w[\w.-]{0,100}\w$/.test(name)) return name;
  const safe = name
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu, '')
    .replace(/[/\\:*?"<>|]/g, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  const symbols = [...safe];
  return symbols.length === 0 ? 'download' : symbols.slice(0, LONGEST).join('');
}

/**
 * `Content-Disposition: attachment` (RFC 6266) with the name in ASCII for old readers and in full for the others (RFC 8187).
 *
 * @param name as {@link safeFileName} gave it
 */
export function attachment(name: string): string {
  // RFC 6266, appendix D: no escapes in the quoted form, since readers disagree about them.
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const full = encodeURIComponent(name).replace(
    /['()*]/g,
    (symbol) => `%${symbol.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${full}`;
}

/** The type as it goes into a header; what is no type is bytes. */
export function safeMimeType(type: string): string {
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream';
}
