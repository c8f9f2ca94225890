import { failure } from '@assay/failure';
import { pageOf, parseFirst } from '@assay/subgraph';
import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { z } from 'zod';
import type { LicensingContext } from '../context.ts';
import { AssetType, LicenseConnection } from './license.type.ts';
import { licenseView } from './license-view.ts';

const cursor = z.tuple([z.iso.datetime(), z.uuid()]);

@Resolver(() => AssetType)
export class AssetLicensesResolver {
  @FieldResolver(() => LicenseConnection, {
    description:
      'Licences of this asset, the newest first: the seller’s side sees all of them, others those of their own tenant.',
  })
  async licenses(
    @Root() { id: assetId }: AssetType,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Ctx() { licensesOf }: LicensingContext,
  ): Promise<LicenseConnection> {
    const limit = parseFirst(first) + 1;
    const place = after ? parseCursor(after) : null;
    const isId = z.uuid().safeParse(assetId).success;
    const found = isId ? await licensesOf({ assetId, limit, after: place }) : [];
    const page = pageOf(found, { first, after }, formatCursor, licenseView);
    return Object.assign(new LicenseConnection(), page);
  }
}

function formatCursor({ createdAt, id }: { readonly createdAt: Date; readonly id: string }): string {
  return Buffer.from(JSON.stringify([createdAt.toISOString(), id])).toString('base64url');
}

function parseCursor(text: string): { readonly at: Date; readonly id: string } {
  try {
    const [at, id] = cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return { at: new Date(at), id };
  } catch (cause) {
    const message = 'This cursor is not one of ours. Pass an `endCursor` as it came.';
    throw failure('BAD_USER_INPUT', message, { problems: [{ path: ['after'], message }], cause });
  }
}
