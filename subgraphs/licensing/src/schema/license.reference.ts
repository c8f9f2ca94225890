import { z } from 'zod';
import type { LicensingContext } from '../context.ts';
import { visibleLicenses } from '../policy/visible-licenses.ts';
import type { LicenseType } from './license.type.ts';
import { licenseView, recordOf, WITH_SEATS } from './license-view.ts';

/** A licence by its id; null when there is none or the caller may not know of it. */
export async function licenseReference(
  { id }: { readonly id: string },
  { rows, principal }: LicensingContext,
): Promise<LicenseType | null> {
  if (!z.uuid().safeParse(id).success) return null;
  const where = { id, OR: [...visibleLicenses(principal)] };
  const row = await rows.read((tx) => tx.license.findUnique({ where, include: WITH_SEATS }));
  return row ? licenseView(recordOf(row)) : null;
}
