import { z } from 'zod';
import type { IntakePolicy } from '../intake/ports.ts';

const share = z.number().min(0).max(1);

/** What the model tells apart; a class that it does not know would never be over any limit. */
const modelClass = z.enum(['Drawing', 'Hentai', 'Neutral', 'Porn', 'Sexy']);

const settingsSchema = z.strictObject({
  /** Labels that have to be answered before anything is opened; `violence` waits for a classifier. */
  required: z.array(z.string()).readonly(),
  notRequired: z.array(z.string()).readonly(),
  maxPixels: z.number().int().positive(),
  /** From `limit` on the summed score of `classes` goes to review. */
  limits: z
    .array(
      z.strictObject({ label: z.string(), classes: z.array(modelClass).min(1).readonly(), limit: share }).readonly(),
    )
    .readonly(),
  uploads: z.record(
    z.enum(['STANDARD', 'ENTERPRISE']),
    z
      .strictObject({ contentTypes: z.array(z.string()).readonly(), maxSizeBytes: z.number().int().positive() })
      .readonly(),
  ),
});

/** What a tenant demands and allows; each version is kept, and each decision names the one it was made by. */
export type TenantPolicySettings = z.infer<typeof settingsSchema>;

/** @throws ZodError that names what is wrong */
export function parseTenantPolicy(settings: unknown): TenantPolicySettings {
  return settingsSchema.parse(settings);
}

const MIB = 1024 * 1024;
const IMAGES = ['image/jpeg', 'image/png', 'image/webp'];

/** The policy of a tenant that has none of its own. */
export const DEFAULT_POLICY: TenantPolicySettings = Object.freeze<TenantPolicySettings>({
  required: ['adult'],
  notRequired: ['violence'],
  maxPixels: 100_000_000,
  limits: [
    { label: 'adult', classes: ['Porn', 'Hentai'], limit: 0.6 },
    { label: 'suggestive', classes: ['Sexy'], limit: 0.8 },
  ],
  uploads: {
    STANDARD: { contentTypes: IMAGES, maxSizeBytes: 50 * MIB },
    ENTERPRISE: { contentTypes: IMAGES, maxSizeBytes: 50 * MIB },
  },
});

/** For a tenant that takes photographs only. */
export const PHOTOGRAPHS_ONLY: TenantPolicySettings = Object.freeze<TenantPolicySettings>({
  ...DEFAULT_POLICY,
  limits: [...DEFAULT_POLICY.limits, { label: 'drawing', classes: ['Drawing'], limit: 0.6 }],
});

/** What the pipeline needs of a tenant's policy. Version 0 is the default. */
export function intakePolicyOf(version: number, settings: TenantPolicySettings): IntakePolicy {
  return {
    version: String(version),
    maxSizeBytes: Math.max(...Object.values(settings.uploads).map((upload) => upload.maxSizeBytes)),
    maxPixels: settings.maxPixels,
    required: settings.required,
    limits: settings.limits,
  };
}
