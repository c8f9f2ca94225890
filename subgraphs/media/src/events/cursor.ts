import { failure } from '@assay/failure';

/** A place in the order of events: the transaction that wrote the event, and its number there. Both are decimal. */
export interface Cursor {
  readonly tx: string;
  readonly id: string;
}

/** Before every event. */
export const BEGINNING: Cursor = { tx: '0', id: '0' };

/** Opaque to readers. */
export function formatCursor({ tx, id }: Cursor): string {
  return Buffer.from(`${tx}.${id}`).toString('base64url');
}

const SHAPE = /^(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,17})$/;

/** @throws Failure BAD_USER_INPUT for everything that {@link formatCursor} did not make */
export function parseCursor(text: string): Cursor {
  const decoded = Buffer.from(text, 'base64url').toString();
  const [, tx, id] = SHAPE.exec(decoded) ?? [];
  if (tx !== undefined && id !== undefined && formatCursor({ tx, id }) === text) return { tx, id };
  const message = '"after" is a cursor that this API gave out before.';
  throw failure('BAD_USER_INPUT', message, { problems: [{ path: ['after'], message }] });
}
