import { createHash } from 'node:crypto';
import type { Secrets } from '../part.ts';

/** A user a process, and what each may do. Keys and commands are the ones its code uses, and no more. */
export const REDIS_USERS: Readonly<Record<string, string>> = {
  gateway:
    '~grant:* ~epoch:* ~rate:* ~login:* ~boot &wake:* &wake:session:* -@all +@connection +@pubsub +@read +@write +@transaction +eval +evalsha +script|load +info +time -@dangerous +info',
  identity:
    '~login:* &wake:* -@all +@connection +publish +get +set +incr +expire +pexpire +pttl +ttl +del +eval +evalsha +script|load',
  worker: '~epoch:* &wake:* -@all +@connection +publish +incr +get +set',
  // A script's keys belong to EVAL; what it may do to each is said behind. So the edge spends grants and can write none.
  edge: '~grant:* ~lease:* ~redemptions -@all +hello +auth +ping +info +eval +evalsha (~grant:* +get +getdel) (~lease:* +get +set +exists +decrby +pttl) (%R~epoch:* +get) (~redemptions +xadd)',
  drain:
    '~redemptions -@all +@connection +xreadgroup +xack +xgroup|create +xautoclaim +xpending +xlen +xtrim +xdel +xinfo|stream',
};

/** The users as Redis reads them: passwords as hashes, the user without a name off. */
export function aclFile(secrets: Secrets): string {
  const users = Object.entries(REDIS_USERS).map(([user, rules]) => {
    const hash = createHash('sha256')
      .update(secrets(`redis-${user}`))
      .digest('hex');
    return `user ${user} on #${hash} resetkeys resetchannels ${rules}`;
  });
  return `user default off\n${users.join('\n')}\n`;
}
