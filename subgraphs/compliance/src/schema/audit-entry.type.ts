import { DateTimeScalar, PageInfoType } from '@assay/subgraph';
import { Field, ID, InputType, ObjectType } from 'type-graphql';

@ObjectType('AuditEntry', {
  description:
    'One thing that was done or decided. Never changed, never deleted; read by the security team under a live grant.',
})
export class AuditEntryType {
  @Field(() => ID, { description: 'A UUID.' })
  id: string;

  @Field(() => DateTimeScalar, { description: 'When it happened.' })
  at: Date;

  @Field(() => String, {
    description: 'Who did it: the id of a user, a part of the system such as `system:intake`, or `anonymous`.',
  })
  actor: string;

  @Field(() => String, { description: 'What was done, as `noun.verb`: `asset.moderate`, `download.redeem`.' })
  action: string;

  @Field(() => String, { description: 'What it was done to: the id of an asset, a licence, a session, a request.' })
  subject: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The tenant that the actor acted for; null for the system and for visitors.',
  })
  tenantId: string | null;

  @Field(() => String, { description: 'What came of it, such as a state or a verdict.' })
  outcome: string;

  @Field(() => String, {
    nullable: true,
    description: "The actor's network, truncated: 24 bits of an IPv4 address, 48 of an IPv6 address.",
  })
  address: string | null;

  @Field(() => String, { nullable: true, description: 'The `x-request-id` of the request that did it.' })
  requestId: string | null;
}

@ObjectType({ description: 'An audit entry and its place in the trail.' })
export class AuditEntryEdge {
  @Field(() => AuditEntryType, { description: 'The entry.' })
  node: AuditEntryType;

  @Field(() => String, { description: 'Its place, for `after`.' })
  cursor: string;
}

@ObjectType({ description: 'A page of the audit trail, the newest first.' })
export class AuditEntryConnection {
  @Field(() => [AuditEntryEdge], { description: 'The entries of this page.' })
  edges: readonly AuditEntryEdge[];

  @Field(() => PageInfoType, { description: 'Where this page begins and ends.' })
  pageInfo: PageInfoType;
}

@InputType({ description: 'Narrows the audit trail; what is left out does not narrow.' })
export class AuditFilter {
  @Field(() => String, { nullable: true, description: 'One action, such as `asset.moderate`.' })
  action?: string | null;

  @Field(() => String, { nullable: true, description: 'The id of what it was done to.' })
  subject?: string | null;

  @Field(() => String, { nullable: true, description: 'The id of who did it.' })
  actor?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'From this moment on.' })
  from?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Before this moment.' })
  to?: Date | null;
}
