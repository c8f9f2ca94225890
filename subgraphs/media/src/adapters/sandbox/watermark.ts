/** Letters of 5 by 7 dots, a byte a row: the sandbox has no fonts, and needs none. */
const LETTERS: Readonly<Record<string, readonly number[]>> = {
  A: [14, 17, 17, 31, 17, 17, 17],
  E: [31, 16, 16, 30, 16, 16, 31],
  I: [14, 4, 4, 4, 4, 4, 14],
  P: [30, 17, 17, 30, 16, 16, 16],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  V: [17, 17, 17, 17, 17, 10, 4],
  W: [17, 17, 17, 21, 21, 21, 10],
  Y: [17, 17, 10, 4, 4, 4, 4],
  ' ': [0, 0, 0, 0, 0, 0, 0],
};

const DOT = 2;
const ADVANCE = 6 * DOT;
const LINE = 28;
const LIGHT = [255, 255, 255, 110] as const;
const DARK = [0, 0, 0, 110] as const;

/**
 * A tile with the label on every second line, shifted, light with a dark shade, so that it shows on any picture.
 *
 * @param label upper case, of the letters above
 */
export function watermarkTile(label: string): {
  data: Uint8Array;
  raw: { width: number; height: number; channels: 4 };
} {
  const width = (label.length + 3) * ADVANCE;
  const height = 2 * LINE + 28;
  const data = new Uint8Array(width * height * 4);
  for (const [line, shift] of [
    [8, 0],
    [8 + LINE + 14, Math.floor(width / 2)],
  ] as const) {
    draw(data, width, label, shift + 1, line + 1, DARK);
    draw(data, width, label, shift, line, LIGHT);
  }
  return { data, raw: { width, height, channels: 4 } };
}

function draw(
  data: Uint8Array,
  width: number,
  label: string,
  left: number,
  top: number,
  color: readonly number[],
): void {
  for (const [index, letter] of [...label].entries()) {
    for (const [row, bits] of (LETTERS[letter] ?? []).entries()) {
      for (let column = 0; column < 5; column += 1) {
        if ((bits >> (4 - column)) & 1) dot(data, width, left + index * ADVANCE + column * DOT, top + row * DOT, color);
      }
    }
  }
}

function dot(data: Uint8Array, width: number, left: number, top: number, color: readonly number[]): void {
  for (let y = top; y < top + DOT; y += 1) {
    for (let x = left; x < left + DOT; x += 1) data.set(color, (y * width + (x % width)) * 4);
  }
}
