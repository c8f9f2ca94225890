import { failure } from '@assay/failure';
import { isAssetId } from './asset-record.ts';

/** A place in a list of assets. Opaque to readers: ids grow with time, so newest first is by id. */
export function formatAssetCursor(id: string): string {
  return Buffer.from(`asset.${id}`).toString('base64url');
}

/** @throws Failure BAD_USER_INPUT for everything that {@link formatAssetCursor} did not make */
export function parseAssetCursor(text: string | null | undefined): string | undefined {
  if (text === null || text === undefined) return undefined;
  const [kind, id = ''] = Buffer.from(text, 'base64url').toString().split('.', 2);
  if (kind === 'asset' && isAssetId(id) && formatAssetCursor(id) === text) return id;
  const message = '"after" is a cursor that this API gave out before.';
  throw failure('BAD_USER_INPUT', message, { problems: [{ path: ['after'], message }] });
}
