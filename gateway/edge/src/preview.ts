import { GUARDED_HEADERS, notFound, unavailable } from './answers.ts';
import type { EdgeDeps } from './deps.ts';

/** What a signed preview link opens, once its signature and its time were found good. */
export interface PreviewLink {
  /** The object's key in the media bucket. */
  readonly key: string;
  /** The asset's epoch for previews when the link was made. */
  readonly epoch: string;
}

/** A preview of an asset and nothing else: not even a good signature opens an original. */
const PREVIEW_KEY = /^tenants\/[\da-f-]{36}\/media\/([\da-f-]{36})\/preview-\d{2,4}\.(jpg|png|webp)$/;
const MIME_TYPES: Readonly<Record<string, string>> = { jpg: 'image/jpeg', png: 'image/png', webp: 'image/webp' };

/**
 * `GET /p/{signed}`: a watermarked preview, to whoever has the link and as long as it lasts (15 minutes),
 * unless its epoch has moved on: the asset was taken back, deleted or rejected.
 */
export async function showPreview(
  signed: string,
  isHead: boolean,
  signal: AbortSignal,
  deps: EdgeDeps,
): Promise<Response> {
  const link = deps.openPreviewLink(signed, deps.now());
  const [, asset, extension] = (link && PREVIEW_KEY.exec(link.key)) ?? [];
  if (!link || asset === undefined || extension === undefined) return notFound();
  // Media's number reaches the ledger a moment after its rows: what is newer than the ledger is not yet void.
  if (Number(await deps.ledger.previewEpoch(asset)) > Number(link.epoch)) return notFound();

  const object = await deps.store.open({ key: link.key }, signal).catch((cause: unknown) => {
    if (!signal.aborted) deps.log.error({ err: cause, asset }, 'the store does not answer');
    return unavailable();
  });
  if (object === null) return notFound();
  if (object instanceof Response) return object;
  if (isHead) await object.body.cancel();
  const headers = {
    ...GUARDED_HEADERS,
    'content-disposition': 'inline',
    'content-length': String(object.length),
    'content-type': MIME_TYPES[extension] ?? 'application/octet-stream',
    // The console and storefronts are other sites and show it in an <img>.
    'cross-origin-resource-policy': 'cross-origin',
  };
  return new Response(isHead ? null : object.body, { status: 200, headers });
}
