/**
 * What a step says of itself, by the names of OpenTelemetry's semantic conventions. Never a variable of a client's, a token,
 * a body, or a path that holds one of them: traces are read by more people than any of those are meant for.
 */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** One step of a request's or a job's way, as a trace shows it. */
export interface Step {
  /** One of few: what differs from request to request is an attribute. */
  readonly name: string;
  /** `internal` when left out. */
  readonly kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly attributes?: Attributes;
}

/** A step with which something comes into this process. */
export interface EntryStep extends Step {
  /** `traceparent` of whoever sent it (W3C Trace Context, 3.2); what is none counts as none. */
  readonly parent: string | undefined;
  /** Whether the sender decides if it is recorded. Of an outsider only the trace's id is taken: recording costs us something. */
  readonly isOurs: boolean;
}

/** Adds to the step that is under way. */
export type Note = (attributes: Attributes) => void;

/** Records steps. */
export interface Recorder {
  enter<Result>(step: EntryStep, work: (note: Note) => Result): Result;
  step<Result>(step: Step, work: (note: Note) => Result): Result;
  past(step: Step, startedAt: Date, endedAt: Date): void;
  traceparent(): string | undefined;
  traceId(): string | undefined;
}

/** OpenTelemetry's context is one a process, and so is this: whoever makes a step does not know who looks on. */
let recorder: Recorder | null = null;
const unheard: Note = () => undefined;

/** @param next null: nobody looks on any more */
export function setRecorder(next: Recorder | null): void {
  recorder = next;
}

/** Whether anybody looks on. */
export function isTracing(): boolean {
  return recorder !== null;
}

/** Begins a trace, or goes on with the sender's. Where nobody looks on, the work is done and nothing else. */
export function enter<Result>(step: EntryStep, work: (note: Note) => Result): Result {
  return recorder ? recorder.enter(step, work) : work(unheard);
}

/** A step within a trace; outside of one, and of one that is not recorded, the work is done and nothing else. */
export function step<Result>(step: Step, work: (note: Note) => Result): Result {
  return recorder ? recorder.step(step, work) : work(unheard);
}

/** A step that is over, of the trace that is under way. */
export function pastStep(step: Step, startedAt: Date, endedAt: Date): void {
  recorder?.past(step, startedAt, endedAt);
}

/** What to send along so that the receiver's steps join this trace; undefined where there is none. */
export function traceparent(): string | undefined {
  return recorder?.traceparent();
}

/** 32 hex digits; undefined outside of a trace. */
export function traceId(): string | undefined {
  return recorder?.traceId();
}
