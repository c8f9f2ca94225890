import 'reflect-metadata';
import { Directive, Field, ObjectType } from 'type-graphql';

/** What `pageOf` tells of a page; every subgraph that has connections gives the same type. */
@Directive('@shareable')
@ObjectType('PageInfo', { description: 'Where a page of a connection begins and ends (Relay Cursor Connections).' })
export class PageInfoType {
  @Field(() => Boolean, { description: 'Whether there is more after this page.' })
  hasNextPage: boolean;

  @Field(() => Boolean, { description: 'Whether something comes before this page: it was asked for with `after`.' })
  hasPreviousPage: boolean;

  @Field(() => String, { nullable: true, description: 'The cursor of the first edge; null on an empty page.' })
  startCursor: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The cursor of the last edge: pass it as `after`. Null on an empty page.',
  })
  endCursor: string | null;
}
