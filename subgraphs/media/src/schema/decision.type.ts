import { DateTimeScalar } from '@assay/subgraph';
import { Field, ObjectType } from 'type-graphql';
import { Verdict } from './enums.ts';

@ObjectType('Decision', { description: 'What was decided about an asset, by which policy, and why.' })
export class DecisionType {
  @Field(() => Verdict, { description: 'PASS opened the asset, FAIL refused it, UNKNOWN sent it to a person.' })
  verdict: Verdict;

  @Field(() => String, {
    description: 'The rules and the version of the tenant\'s policy that decided; "person" where a moderator did.',
  })
  policyVersion: string;

  @Field(() => [String], {
    description:
      'CHECKSUM_MISMATCH, MALWARE, TYPE_MISMATCH, UNREADABLE, TOO_LARGE, CONTENT_POLICY or REVIEW; RELEASED or REJECTED of a moderator, to moderators RETRIED too.',
  })
  reasons: string[];

  @Field(() => String, {
    nullable: true,
    description: "The moderator's own words, for moderators; null to everybody else, and where nobody wrote any.",
  })
  note: string | null;

  @Field(() => DateTimeScalar)
  decidedAt: Date;

  @Field(() => String, { description: '"system:intake", or "moderator"; moderators read which one.' })
  decidedBy: string;
}
