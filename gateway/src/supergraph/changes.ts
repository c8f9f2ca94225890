import { buildSchema, findBreakingChanges, findDangerousChanges } from 'graphql';

/** What a client of the earlier schema would notice of the later one. */
export interface SchemaChanges {
  /** Operations that were valid may be valid no longer, or get what they do not expect. */
  readonly breaking: readonly string[];
  /** They stay valid, and may come upon something new: a value of an enum, a type of a union, a default. */
  readonly dangerous: readonly string[];
}

/** @param before, after public schemas as SDL */
export function changesBetween(before: string, after: string): SchemaChanges {
  const [earlier, later] = [buildSchema(before), buildSchema(after)];
  return {
    breaking: findBreakingChanges(earlier, later).map(({ description }) => description),
    dangerous: findDangerousChanges(earlier, later).map(({ description }) => description),
  };
}
