import { DateTimeScalar, PageInfoType } from '@assay/subgraph';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum PrivilegedScope {
  AUDIT_READ = 'AUDIT_READ',
}
registerEnumType(PrivilegedScope, {
  name: 'PrivilegedScope',
  description: 'What privileged access opens.',
  valuesConfig: { AUDIT_READ: { description: 'Reading the audit trail.' } },
});

export enum PrivilegedAccessState {
  PENDING = 'PENDING',
  APPROVED = 'APPROVED',
  EXPIRED = 'EXPIRED',
  REVOKED = 'REVOKED',
}
registerEnumType(PrivilegedAccessState, {
  name: 'PrivilegedAccessState',
  description: 'Where a request for privileged access stands.',
  valuesConfig: {
    PENDING: { description: 'Nobody approved it yet.' },
    APPROVED: { description: 'The grant lives.' },
    EXPIRED: { description: 'Its time is over.' },
    REVOKED: { description: 'The holder or an approver ended it.' },
  },
});

@ObjectType('PrivilegedAccessRequest', {
  description:
    'A request for access that nobody has by a role alone: asked for by one person, approved by another, ended by the clock.',
})
export class AccessRequestType {
  @Field(() => ID, { description: 'A UUID.' })
  id: string;

  @Field(() => PrivilegedScope, { description: 'What it opens.' })
  scope: PrivilegedScope;

  @Field(() => ID, { description: 'The user who asked, and who alone will hold the grant.' })
  requester: string;

  @Field(() => String, { description: 'Why, in the words of the one who asked.' })
  reason: string;

  @Field(() => PrivilegedAccessState, { description: 'Where it stands.' })
  state: PrivilegedAccessState;

  @Field(() => Int, { description: 'For how long it was asked, in minutes from the approval.' })
  minutes: number;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the grant ends; null before it is approved.' })
  expiresAt: Date | null;

  @Field(() => DateTimeScalar, { description: 'When it was asked for.' })
  createdAt: Date;
}

@ObjectType('PrivilegedAccessRequestEdge', { description: 'A request and its place in the list.' })
export class AccessRequestEdge {
  @Field(() => AccessRequestType, { description: 'The request.' })
  node: AccessRequestType;

  @Field(() => String, { description: 'Its place, for `after`.' })
  cursor: string;
}

@ObjectType('PrivilegedAccessRequestConnection', { description: 'A page of requests, the newest first.' })
export class AccessRequestConnection {
  @Field(() => [AccessRequestEdge], { description: 'The requests of this page.' })
  edges: readonly AccessRequestEdge[];

  @Field(() => PageInfoType, { description: 'Where this page begins and ends.' })
  pageInfo: PageInfoType;
}

@InputType({ description: 'What is asked for, why, and for how long.' })
export class RequestPrivilegedAccessInput {
  @Field(() => PrivilegedScope, { description: 'What to open.' })
  scope: PrivilegedScope;

  @Field(() => String, { description: 'Why: 1 to 1,000 characters, for the approver and for the audit.' })
  reason: string;

  @Field(() => Int, { description: 'For how long, in minutes from the approval: 1 to 240.' })
  minutes: number;
}

@InputType({ description: 'Names a request for privileged access.' })
export class PrivilegedAccessRequestInput {
  @Field(() => ID, { description: "The request's id." })
  requestId: string;
}

@ObjectType({ description: 'The request as the mutation left it.' })
export class PrivilegedAccessPayload {
  @Field(() => AccessRequestType, { description: 'The request.' })
  request: AccessRequestType;
}
