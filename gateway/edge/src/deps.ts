import type { GrantSeal } from '@assay/licensing/grants/seal';
import type { Watch } from './delivery/watched-stream.ts';
import type { Ledger } from './ledger.ts';
import type { Meters } from './meters.ts';
import type { PreviewLink } from './preview.ts';
import type { Rate } from './rate.ts';
import type { Store } from './store.ts';

export interface EdgeLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** All that the edge's routes stand on; nothing here is of Node, so the same app runs on another platform. */
export interface EdgeDeps {
  readonly ledger: Ledger;
  readonly store: Store;
  readonly seal: GrantSeal;
  /** Null for everything that was not signed for now. */
  readonly openPreviewLink: (signed: string, nowMs: number) => PreviewLink | null;
  readonly rate: Rate;
  readonly pace: Pick<Watch, 'everyMs' | 'silenceMs' | 'stallMs'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly meters: Meters;
  readonly log: EdgeLog;
}
