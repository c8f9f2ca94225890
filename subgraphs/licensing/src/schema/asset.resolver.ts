import { failure } from '@assay/failure';
import { pageOf, parseFirst } from '@assay/subgraph';
import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { z } from 'zod';
import type { LicensingContext } from '../context.ts';
import { visibleLicenses } from '../policy/visible-licenses.ts';
import { AssetType, LicenseConnection } from './license.type.ts';
import { licenseView, recordOf, WITH_SEATS } from './license-view.ts';

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
    @Ctx() { rows, principal }: LicensingContext,
  ): Promise<LicenseConnection> {
    const take = parseFirst(first) + 1;
    const place = after ? parseCursor(after) : null;
    const visible = visibleLicenses(principal);
    const where = {
      assetId,
      AND: [
        { OR: [...visible] },
        place ? { OR: [{ createdAt: { lt: place.at } }, { createdAt: place.at, id: { lt: place.id } }] } : {},
      ],
    };
    const isKnown = visible.length > 0 && z.uuid().safeParse(assetId).success;
    const found = isKnown
      ? await rows.read((tx) =>
          tx.license.findMany({ where, include: WITH_SEATS, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], take }),
        )
      : [];
    const page = pageOf(found, { first, after }, formatCursor, (row) => licenseView(recordOf(row)));
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
