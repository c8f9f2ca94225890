import type { Evidence, Observation, Stage } from './evidence.ts';
import type { Picture } from './picture.ts';

/** What the stages know of an asset: facts of the row and of the tenant's policy; nothing that the bytes say. */
export interface IntakeAsset {
  readonly id: string;
  readonly tenantId: string;
  readonly declaredType: string;
  readonly declaredSize: bigint;
  /** Hex SHA-256, as the caller said at finalizing. */
  readonly declaredSha256: string;
  readonly policy: IntakePolicy;
}

/** A tenant's policy for what is uploaded to it; versioned, and named in each decision. */
export interface IntakePolicy {
  readonly version: string;
  readonly maxSizeBytes: number;
  readonly maxPixels: number;
  /** Labels that CLASSIFY has to answer before anything is opened. */
  readonly required: readonly string[];
  readonly limits: readonly ClassLimit[];
}

/** From `limit` on (0 to 1) the summed score of these classes goes to review. */
export interface ClassLimit {
  readonly label: string;
  readonly classes: readonly string[];
  readonly limit: number;
}

/** What the type walker says of the bytes. */
export interface Sniffed {
  readonly observation: Observation;
  /** By content; null when unknown. */
  readonly mimeType: string | null;
}

/** What a scanner, a sniffer and a digest learn from one read of the bytes. */
export interface Readings {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly sniffed: Sniffed;
  readonly scanned: Observation;
  readonly startedAt: Date;
  readonly endedAt: Date;
}

/** A read that did not come to the object's end: of the part that came nothing is said. */
export interface Unread {
  /** What the store threw. */
  readonly unread: unknown;
  readonly startedAt: Date;
  readonly endedAt: Date;
}

/** What the sandbox made of the bytes: the only place where a decoder touches them. */
export interface Inspected {
  readonly observation: Observation;
  /** Present when the observation is a pass. */
  readonly picture: Picture | null;
}

/** A file that was rendered for people to look at; its bytes are new, nothing of the original's containers is in it. */
export interface Rendition {
  readonly name: string;
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** What the pipeline reaches outside of itself. Adapters make them real; every one of them may be away, and then says so. */
export interface IntakePorts {
  /** The pinned version of the object. Its chunks throw when they end before the object does. */
  open(): Promise<AsyncIterable<Uint8Array>>;
  readonly scanner: Scanner;
  readonly cell: Pick<SandboxCell, 'feed' | 'inspect'>;
  readonly blockList: BlockList;
  readonly classifier: Classifier;
  /** At most ten a stage. */
  progress(stage: Stage, done: number, total: number): Promise<void>;
  /** Is told what a stage said, once. */
  observe(evidence: Evidence): void;
  now(): Date;
}

export interface Scanner {
  /** Takes the bytes as they come; resolves when the scanner has said its last word. */
  scan(chunks: AsyncIterable<Uint8Array>): Promise<Observation>;
}

export interface Sandbox {
  /** A cell for one file; whoever takes it ends it. */
  take(): SandboxCell;
}

export interface SandboxCell extends Disposable {
  /** Hands the file in; a chunk of no length says that it is whole. Nothing looks at it before it is asked to. Never throws. */
  feed(chunk: Uint8Array): Promise<void>;
  /** Whether it has the whole file. */
  readonly isWhole: boolean;
  inspect(mimeType: string, maxPixels: number): Promise<Inspected>;
  render(mimeType: string, maxPixels: number, label: string): Promise<readonly Rendition[]>;
}

export interface BlockList {
  /** @param sha256 hex */
  match(sha256: string): Promise<Observation>;
}

export interface Classifier {
  classify(picture: Picture, limits: readonly ClassLimit[]): Promise<Observation>;
}

/** What was found before, of the same bytes: a stage that answered is not asked again. */
export type EarlierEvidence = ReadonlyMap<Stage, Evidence>;
