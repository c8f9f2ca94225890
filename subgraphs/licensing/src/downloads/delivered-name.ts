/** Extensions by which systems know a type; the first is given where a name has none of them. */
const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif'],
  'image/png': ['png'],
  'image/webp': ['webp'],
};

/**
 * What a file is called on the downloader's disk: systems open by extension, so a name says the type that intake found, whatever
 * the uploader called it (`invoice.exe` that is a photograph arrives as `invoice.exe.jpg`).
 *
 * @param fileName as it was sanitised at upload
 * @param mimeType as intake found it
 */
export function deliveredName(fileName: string, mimeType: string): string {
  const known = EXTENSIONS[mimeType];
  if (!known) return fileName;
  const extension = /\.([^.]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? '';
  return known.includes(extension) ? fileName : `${fileName}.${known[0]}`;
}
