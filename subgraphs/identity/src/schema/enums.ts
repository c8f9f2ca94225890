import { registerEnumType } from 'type-graphql';

/** The roles as the schema names them; the values are how they stand in the table. */
export const RoleEnum = {
  BUYER: 'buyer',
  AUTHOR: 'author',
  REVIEWER: 'reviewer',
  ADMIN: 'admin',
  PLATFORM_ADMIN: 'platform_admin',
  SECURITY: 'security',
} as const;

registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What a user may do. Roles belong to a user of one tenant and reach no other tenant.',
  valuesConfig: {
    BUYER: { description: 'Downloads what the own tenant has licensed.' },
    AUTHOR: { description: 'Uploads, publishes, licenses and deletes own assets.' },
    REVIEWER: { description: 'Does what an author does.' },
    ADMIN: {
      description:
        "Publishes, licenses and deletes every asset of the own tenant, and reads its users' e-mail addresses.",
    },
    PLATFORM_ADMIN: { description: 'Moderates what is quarantined in any tenant, and approves privileged access.' },
    SECURITY: { description: 'Asks for privileged access, and reads the audit trail while it is granted.' },
  },
});

export const TierEnum = { STANDARD: 'STANDARD', ENTERPRISE: 'ENTERPRISE' } as const;

registerEnumType(TierEnum, {
  name: 'Tier',
  description: "A tenant's plan. It decides how large an upload may be.",
  valuesConfig: {
    STANDARD: { description: 'The plan everybody starts with.' },
    ENTERPRISE: { description: 'Larger uploads, and features that are sold apart.' },
  },
});
