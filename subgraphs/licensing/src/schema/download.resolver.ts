import { recordRefused } from '@assay/database';
import { failure } from '@assay/failure';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { z } from 'zod';
import type { LicensingContext } from '../context.ts';
import { createDownload } from '../downloads/create-download.ts';
import { CreateDownloadInput, CreateDownloadPayload } from './license.input.ts';

@Resolver()
export class DownloadResolver {
  @Mutation(() => CreateDownloadPayload, {
    description:
      'Makes a link that downloads the original once, within five minutes. The owner needs no key; everybody else a licence key of the own tenant, and a seat of it. Fails with BAD_USER_INPUT (mistyped key), NOT_FOUND (no such asset, or the key does not open it), CONFLICT (no seat is left), EXPIRED, FORBIDDEN, INVALID_STATE.',
  })
  async createDownload(
    @Arg('input', () => CreateDownloadInput) { assetId, licenseKey }: CreateDownloadInput,
    @Ctx() { rows, principal, deps }: LicensingContext,
  ): Promise<CreateDownloadPayload> {
    if (!z.uuid().safeParse(assetId).success)
      throw failure('NOT_FOUND', 'There is no such asset, or this key does not open it.');
    const act = { action: 'download.grant_failed', subject: assetId };
    const download = await recordRefused(rows, act, () =>
      rows.write((tx) => createDownload(deps, tx, principal, assetId, licenseKey ?? null)),
    );
    return Object.assign(new CreateDownloadPayload(), download);
  }
}
