import { failure } from '@assay/failure';
import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { z } from 'zod';
import type { LicensingContext } from '../context.ts';
import { issueLicense } from '../downloads/issue-license.ts';
import { IssueLicenseInput, IssueLicensePayload } from './license.input.ts';
import { licenseReference } from './license.reference.ts';
import { LicenseType } from './license.type.ts';
import { licenseView } from './license-view.ts';

@Resolver(() => LicenseType)
export class LicenseResolver {
  @Query(() => LicenseType, {
    nullable: true,
    description:
      'A licence of the caller’s tenant, or of assets that the caller sells. Null when there is none to be known of.',
  })
  async license(@Arg('id', () => ID) id: string, @Ctx() context: LicensingContext): Promise<LicenseType | null> {
    return licenseReference({ id }, context);
  }

  @Mutation(() => IssueLicensePayload, {
    description:
      'Issues a licence of a READY asset to a tenant: by the asset’s owner, or an admin of its tenant. Fails with NOT_FOUND, FORBIDDEN, INVALID_STATE (not READY) or BAD_USER_INPUT.',
  })
  async issueLicense(
    @Arg('input', () => IssueLicenseInput) { assetId, tenantId, seats, expiresAt }: IssueLicenseInput,
    @Ctx() { rows, principal, deps }: LicensingContext,
  ): Promise<IssueLicensePayload> {
    if (!z.uuid().safeParse(assetId).success) throw failure('NOT_FOUND', 'There is no such asset.');
    if (!z.uuid().safeParse(tenantId).success) {
      const message = 'The buyer’s tenant is named by its id, a UUID.';
      throw failure('BAD_USER_INPUT', message, { problems: [{ path: ['input', 'tenantId'], message }] });
    }
    const terms = { assetId, buyerTenantId: tenantId, seats, expiresAt: expiresAt ?? null };
    const { license, key } = await rows.write((tx) => issueLicense(deps, tx, principal, terms));
    return Object.assign(new IssueLicensePayload(), { license: licenseView(license), key });
  }
}
