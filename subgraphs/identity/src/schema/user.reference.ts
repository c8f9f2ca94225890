import type { IdentityContext } from '../context.ts';
import { UserType } from './user.type.ts';

/** Loads a user's card by its key; null when there is no such user, or it has been erased. */
export async function userReference(
  { id }: { readonly id: string },
  { load }: IdentityContext,
): Promise<UserType | null> {
  const card = await load.user.load(id);
  return card && Object.assign(new UserType(), card);
}
