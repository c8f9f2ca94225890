import { DateTimeScalar } from '@assay/subgraph';
import { Field, ID, ObjectType } from 'type-graphql';
import type { SessionRecord } from '../sessions/sessions.ts';

@ObjectType('Session', {
  description:
    'A sign-in of the caller: a browser with its cookie, or the access tokens of one sign-in. Nobody sees sessions of others.',
})
export class SessionType implements SessionRecord {
  @Field(() => ID, { description: 'A UUID. Pass it to `revokeSession`. It opens nothing by itself.' })
  id: string;

  @Field(() => Boolean, { description: 'Whether this request was made with it.' })
  current: boolean;

  @Field(() => String, { nullable: true, description: 'The User-Agent header at sign-in, at most 300 characters.' })
  userAgent: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The network of the sign-in, truncated: the first 24 bits of an IPv4 address, 48 of an IPv6 address.',
  })
  address: string | null;

  @Field(() => DateTimeScalar, { description: 'When the sign-in happened.' })
  createdAt: Date;

  @Field(() => DateTimeScalar, { description: 'When it was last used, to the minute.' })
  lastSeenAt: Date;

  @Field(() => DateTimeScalar, { description: 'When it ends by itself: the cookie, or the last of its tokens.' })
  expiresAt: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was ended. Null while it lives.' })
  endedAt: Date | null;
}

@ObjectType({ description: 'What `revokeSession` left behind.' })
export class RevokeSessionPayload {
  @Field(() => SessionType, { description: 'The session, which has ended.' })
  session: SessionType;
}
