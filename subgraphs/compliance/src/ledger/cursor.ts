import { failure } from '@assay/failure';
import { z } from 'zod';

/** A place in a list that is ordered by time, newest first, and by id where times are equal. */
export interface Place {
  readonly at: Date;
  readonly id: string;
}

const place = z.tuple([z.iso.datetime(), z.uuid()]);

/** The opaque form of a place. */
export function formatCursor({ at, id }: Place): string {
  return Buffer.from(JSON.stringify([at.toISOString(), id])).toString('base64url');
}

/** @throws Failure BAD_USER_INPUT for whatever {@link formatCursor} did not make */
export function parseCursor(cursor: string): Place {
  try {
    const [at, id] = place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { at: new Date(at), id };
  } catch (cause) {
    const message = 'This cursor is not one of ours. Pass an `endCursor` as it came.';
    throw failure('BAD_USER_INPUT', message, { problems: [{ path: ['after'], message }], cause });
  }
}
