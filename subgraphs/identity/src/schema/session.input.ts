import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: 'Which of the own sessions to end.' })
export class RevokeSessionInput {
  @Field(() => ID, { description: 'The id of one of the caller’s sessions, from `sessions`.' })
  sessionId: string;
}
