import { DateTimeScalar } from '@assay/subgraph';
import { Directive, Field, Float, Int, ObjectType } from 'type-graphql';
import { Stage, Verdict } from './enums.ts';

@ObjectType('Finding', { description: 'One thing that a stage found.' })
export class FindingType {
  @Field(() => String, { description: 'Stable, such as SIGNATURE or TRAILING_DATA.' })
  code: string;

  @Field(() => String, { nullable: true, description: 'For people.' })
  detail: string | null;

  @Field(() => Float, { nullable: true, description: '0 to 1, where a classifier speaks.' })
  score: number | null;
}

@ObjectType('Evidence', {
  description: 'What a stage of intake left behind: which tool said what, on which data, and when.',
})
export class EvidenceType {
  @Field(() => Stage)
  stage: Stage;

  @Field(() => Verdict, { description: 'Only PASS opens anything.' })
  verdict: Verdict;

  @Field(() => String, { nullable: true, description: 'Null where an owner is not told which tool it was.' })
  tool: string | null;

  @Field(() => String, { nullable: true })
  toolVersion: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Of signatures, lists or models; null where the tool has no data.',
  })
  dataVersion: string | null;

  @Directive('@listSize(assumedSize: 10)')
  @Field(() => [FindingType], { description: 'Empty when nothing was found, or when it is for moderators only.' })
  findings: FindingType[];

  @Field(() => DateTimeScalar)
  startedAt: Date;

  @Field(() => Int, { description: 'In milliseconds.' })
  durationMs: number;

  @Field(() => String, {
    description: 'Hex SHA-256 over this evidence and the content that it speaks of; empty where details are withheld.',
  })
  digest: string;
}
