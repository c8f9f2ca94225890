import { createHash } from 'node:crypto';
import type { Secrets } from '../part.ts';

/** What any connection needs. */
const CONNECT = '+hello +auth +ping +quit';

/**
 * A user a process, and what each may do: the commands that its code sends, on the keys and channels that it names, and no more.
 * A key of EVAL needs both rights. A pattern is subscribed to by its very name.
 */
export const REDIS_USERS = {
  /** Keeps grants, reads epochs and the boot id, wakes and is woken. It cannot read a grant back. */
  gateway: `%W~grant:* %R~epoch:* &wake:asset:* &wake:moderation &wake:session:* -@all ${CONNECT} +info +set +mget +publish +subscribe +unsubscribe +psubscribe +punsubscribe`,
  /** The media subgraph in a process of its own: wakes readers, and is woken. Each subgraph writes down what was spent on it. */
  media: `%W~spent:media:* &wake:asset:* &wake:moderation -@all ${CONNECT} +set +publish +subscribe +unsubscribe`,
  /** The licensing subgraph in a process of its own: keeps grants, reads epochs and the boot id. It cannot read a grant back. */
  licensing: `%W~spent:licensing:* %W~grant:* %R~epoch:* -@all ${CONNECT} +info +set +mget`,
  /** The compliance subgraph in a process of its own. */
  compliance: `%W~spent:compliance:* -@all ${CONNECT} +set`,
  /** The gateway of a mesh: hears that sessions end, and nothing else. */
  sessions: `&wake:session:* -@all ${CONNECT} +psubscribe +punsubscribe`,
  /** The gateway's second: counts what is asked, and keeps documents that clients register. Scripts run on these keys alone. */
  limits: `~rate:* ~apq:* -@all ${CONNECT} +eval +evalsha +time +get +incrby +decrby +pexpire +hget +hset +hmget +hdel +hstrlen +zadd +zrem +zrange +zscore`,
  /** Tells that a session ended; the identity subgraph in a process of its own, too. */
  identity: `%W~spent:identity:* &wake:session:* -@all ${CONNECT} +set +publish`,
  /** Ends an asset's grants and leases by its epoch, and wakes readers. */
  worker: `%W~epoch:asset:* %W~epoch:preview:* %W~epoch:license:owner:* &wake:asset:* &wake:moderation -@all ${CONNECT} +set +publish`,
  /** Spends grants, keeps leases, writes redemptions down; epochs it only reads. */
  edge: `~grant:* ~lease:* ~redemptions %R~epoch:* -@all ${CONNECT} +info +eval +evalsha +get +getdel +set +exists +decrby +pttl +xadd`,
  /** Takes redemptions out of their stream, once each. */
  drain: `~redemptions -@all ${CONNECT} +xgroup|create +xreadgroup +xack +xdel`,
} as const satisfies Record<string, string>;

export type RedisUser = keyof typeof REDIS_USERS;

/** The users as Redis reads them: passwords as hashes, the user without a name off. */
export function aclFile(secrets: Secrets, rulesOf: Readonly<Record<string, string>>): string {
  const users = Object.entries(rulesOf).map(([user, rules]) => {
    const hash = createHash('sha256')
      .update(secrets(`redis-${user}`))
      .digest('hex');
    return `user ${user} on #${hash} resetkeys resetchannels ${rules}`;
  });
  return `user default off\n${users.join('\n')}\n`;
}
