import type { FailureCode } from './code.ts';

/** One thing that is wrong with the input: where (`['input', 'seats']`) and what, in a sentence for the caller. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export interface FailureOptions {
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
}

/**
 * An error that its reader may see: the message says what was wrong and what to do, the code is stable.
 * Everything that is not a Failure is masked before it leaves the process.
 */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly problems: readonly Problem[] | undefined;

  constructor(code: FailureCode, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.problems = options.problems;
  }
}

/** Makes a Failure; read it as a sentence: `throw failure('CONFLICT', 'No seat is left on this licence.')`. */
export function failure(code: FailureCode, message: string, options?: FailureOptions): Failure {
  return new Failure(code, message, options);
}

/** Answers whether `error` may be shown to its reader. */
export function isFailure(error: unknown): error is Failure {
  return error instanceof Failure;
}
