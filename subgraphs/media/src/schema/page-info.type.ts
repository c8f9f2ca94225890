import { Directive, Field, ObjectType } from 'type-graphql';

@Directive('@shareable')
@ObjectType('PageInfo', { description: 'Where a page of a connection stands (Relay Cursor Connections).' })
export class PageInfoType {
  @Field(() => Boolean, { description: 'Whether there is more after endCursor.' })
  hasNextPage: boolean;

  @Field(() => Boolean, { description: 'Whether the page was asked for with "after".' })
  hasPreviousPage: boolean;

  @Field(() => String, { nullable: true, description: 'The cursor of the first edge; null on an empty page.' })
  startCursor: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The cursor of the last edge, to go on after; null on an empty page.',
  })
  endCursor: string | null;
}
