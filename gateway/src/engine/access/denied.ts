import { GraphQLError } from 'graphql';
import type { ResponsePath } from '../path.ts';
import type { Denial } from './need.ts';

const MESSAGES: Readonly<Record<Denial, string>> = {
  UNAUTHENTICATED: 'Sign in to have this field.',
  FORBIDDEN: 'This field asks for rights that you do not have.',
};

/** What a client reads where a field was left out. */
export function deniedError(code: Denial, path: ResponsePath): GraphQLError {
  return new GraphQLError(MESSAGES[code], { path, extensions: { code } });
}
