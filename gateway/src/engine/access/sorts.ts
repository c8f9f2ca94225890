import { type Caller, type Claim, holds, type Need } from './need.ts';

/**
 * Tells callers apart as far as some needs do: all that they look at in a caller, as a key. Two callers with the same key get the
 * same answer to each of the needs, whoever they are.
 */
export function createSorting(needs: Iterable<Need>): (caller: Caller) => string {
  const claims = claimsOf(needs);
  return (caller) => {
    let key = caller.isAuthenticated ? '1' : '0';
    for (const claim of claims) key += holds(caller, claim) ? '1' : '0';
    return key;
  };
}

/** Every claim that decides something, once. */
function claimsOf(needs: Iterable<Need>): readonly Claim[] {
  const claims = new Map<string, Claim>();
  // Fields of one sort share their need.
  for (const need of new Set(needs)) for (const claim of need.flat(2)) claims.set(`${claim.kind} ${claim.name}`, claim);
  return [...claims.values()];
}
