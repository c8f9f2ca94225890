/**
 * Resizes to a square as TensorFlow's `resizeBilinear` with aligned corners does, which is what nsfwjs feeds its model: samples at
 * `i * (size - 1) / (side - 1)`, and no smoothing before it. Another resampling scores drawings quite differently.
 *
 * @param data rows of 1 or 3 bytes a pixel
 * @returns side x side x 3 bytes, RGB
 */
export function resizeBilinear(
  data: Uint8Array,
  { width, height, channels }: { readonly width: number; readonly height: number; readonly channels: number },
  side: number,
): Uint8Array {
  const out = new Uint8Array(side * side * 3);
  const [scaleX, scaleY] = [(width - 1) / (side - 1), (height - 1) / (side - 1)];
  for (let y = 0; y < side; y += 1) {
    const sourceY = y * scaleY;
    const top = Math.floor(sourceY);
    const bottom = Math.min(height - 1, Math.ceil(sourceY));
    const shareY = sourceY - top;
    for (let x = 0; x < side; x += 1) {
      const sourceX = x * scaleX;
      const left = Math.floor(sourceX);
      const right = Math.min(width - 1, Math.ceil(sourceX));
      const shareX = sourceX - left;
      for (let channel = 0; channel < 3; channel += 1) {
        const at = (row: number, column: number) =>
          data[(row * width + column) * channels + Math.min(channel, channels - 1)] ?? 0;
        const upper = at(top, left) + (at(top, right) - at(top, left)) * shareX;
        const lower = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * shareX;
        out[(y * side + x) * 3 + channel] = Math.round(upper + (lower - upper) * shareY);
      }
    }
  }
  return out;
}
