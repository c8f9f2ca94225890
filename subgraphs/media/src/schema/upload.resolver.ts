import { failure } from '@assay/failure';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { MediaContext } from '../context.ts';
import { assetChannel } from '../events/wake.ts';
import { createUpload } from '../uploads/create-upload.ts';
import { finalizeUpload } from '../uploads/finalize-upload.ts';
import { reload } from './asset.resolver.ts';
import { CreateUploadInput, FinalizeUploadInput } from './upload.input.ts';
import { CreateUploadPayload, FinalizeUploadPayload } from './upload.type.ts';

@Resolver()
export class UploadResolver {
  @Mutation(() => CreateUploadPayload, {
    description:
      'Registers an asset and signs a form for its bytes, good for 15 minutes. BAD_USER_INPUT names each kind, size or name that is not taken; RATE_LIMITED when too many uploads are open.',
  })
  async createUpload(@Arg('input', () => CreateUploadInput) input: CreateUploadInput, @Ctx() context: MediaContext) {
    const { principal, rows, deps } = context;
    const request = { ...input, visibility: input.visibility ?? 'PRIVATE' };
    const { assetId, form, expiresAt, maxSizeBytes } = await createUpload(
      request,
      principal,
      rows.own.write,
      deps.incoming,
    );
    const { url, fields } = form;
    return { asset: await reload(context, assetId), form: { url, fields, expiresAt, maxSizeBytes } };
  }

  @Mutation(() => FinalizeUploadPayload, {
    description:
      'Says that the bytes are posted, and what their SHA-256 is; intake begins. Asking again with the same digest is fine. NOT_FOUND, FORBIDDEN (not the owner), CONFLICT (another digest than the first time), INVALID_STATE (nothing is stored yet), EXPIRED.',
  })
  async finalizeUpload(
    @Arg('input', () => FinalizeUploadInput) input: FinalizeUploadInput,
    @Ctx() context: MediaContext,
  ) {
    const { principal, assets, rows, deps } = context;
    const asset = await assets.find(input.assetId);
    if (!asset) throw failure('NOT_FOUND', 'There is no such asset.');
    if (asset.ownerId !== principal.subject) throw failure('FORBIDDEN', 'Only its owner finalizes an upload.');
    await finalizeUpload(asset.id, input.sha256, rows.own.write, deps.incoming);
    deps.wakes.wake(assetChannel(asset.id));
    return { asset: await reload(context, asset.id) };
  }
}
