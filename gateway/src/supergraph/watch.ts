import type { Log } from '@assay/telemetry';
import type { Meters } from '../meters.ts';
import { isAddress, parseSupergraph, readSdl, type Supergraph } from './read.ts';
import { messageOf } from './verify.ts';

/** What became of the last supergraph that was brought. */
export interface Standing {
  readonly ok: boolean;
  /** Why it was refused. */
  readonly detail?: string;
}

export interface WatchOptions {
  /** A file or an address. */
  readonly place: string;
  /** The text of the one that serves. */
  readonly serving: string;
  /** How often somebody looks; null: only when told to. */
  readonly lookMs: number | null;
  /** Puts a new one in the place of the old. @throws Error that says why not: the old one serves on then */
  take(supergraph: Supergraph): Promise<void>;
  told(outcome: 'taken' | 'refused', problem: unknown): void;
}

/**
 * Says in the log, and in the figures, what became of each supergraph that was brought.
 *
 * @param meters left out: nobody keeps figures
 */
export function tellSuccession(place: string, log: Log, meters?: Pick<Meters, 'supergraphs'>): WatchOptions['told'] {
  return (outcome, err) => {
    meters?.supergraphs.inc({ outcome });
    if (outcome === 'taken') log.info({ place }, 'another supergraph is served');
    else log.error({ err, place }, 'a supergraph was refused: the last one is served on');
  };
}

/** A file costs nothing to look at. */
const FILE_LOOK_MS = 1_000;
const ADDRESS_LOOK_MS = 10_000;

/** How often a place is looked at. */
export function lookMsOf(place: string): number {
  return isAddress(place) ? ADDRESS_LOOK_MS : FILE_LOOK_MS;
}

/** @throws Error when a supergraph names a subgraph that nobody here knows a way to */
export function verifyKnown({ subgraphs }: Supergraph, known: readonly string[]): void {
  const unknown = Object.keys(subgraphs).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`It has subgraphs that this gateway does not know: ${unknown.join(', ')}.`);
}

export interface WatchedSupergraph extends AsyncDisposable {
  /** Looks now, and tries once more what was refused. */
  look(): Promise<void>;
  standing(): Standing;
}

/**
 * Looks for another supergraph at a place, and has it taken. A text is looked at twice before it is, since whoever writes it may
 * be half through; one that was refused is not tried again until it changes, or somebody has it looked at: it may have been refused for
 * what has passed, such as a planner that was killed.
 */
export function watchSupergraph(options: WatchOptions): WatchedSupergraph {
  const { place, lookMs, take, told } = options;
  let serving = options.serving;
  let refused: string | undefined;
  let seen: string | undefined;
  let standing: Standing = { ok: true };
  let looking = Promise.resolve();

  const refuse = (text: string, problem: unknown) => {
    const detail = `the last one was refused: ${messageOf(problem)}`;
    if (refused === text && standing.detail === detail) return;
    refused = text;
    standing = { ok: false, detail };
    told('refused', problem);
  };
  const tryIt = async (text: string) => {
    try {
      await take(parseSupergraph(place, text));
      serving = text;
      refused = undefined;
      standing = { ok: true };
      told('taken', undefined);
    } catch (problem) {
      refuse(text, problem);
    }
  };
  const look = async (isSettled: boolean) => {
    const text = await readSdl(place).catch(
      (problem: unknown) => void refuse(`unread: ${messageOf(problem)}`, problem),
    );
    if (text === undefined) return;
    const isTried = isSettled || (text === seen && text !== refused);
    if (text !== serving && isTried) await tryIt(text);
    // Whoever takes a bad one back has nothing refused any more.
    if (text === serving) [refused, standing] = [undefined, { ok: true }];
    seen = text;
  };
  /** One after the other: two at once could be taken in the wrong order. */
  const inTurn = (isSettled: boolean) => {
    looking = looking.then(() => look(isSettled));
    return looking;
  };
  const timer = lookMs === null ? undefined : setInterval(() => void inTurn(false), lookMs).unref();
  return {
    look: () => inTurn(true),
    standing: () => standing,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}
