/** The side of the square that the classifier looks at, in pixels. */
export const PICTURE_SIDE = 224;

/** What a decoded image looks like to a classifier, and how large it is. Made in the sandbox. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 224 x 224 x 3 bytes, RGB, row by row. */
  readonly pixels: Uint8Array;
  /** The blurred preview for moderators. */
  readonly blurred: Uint8Array;
}
