import { type FailureCode, failure } from '@assay/failure';

/** What a rule answers. A refusal carries the code and the sentence that its reader gets. */
export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: FailureCode; readonly message: string };

export const ALLOWED: Decision = Object.freeze({ allowed: true });

/** Makes a refusal. */
export function denied(code: FailureCode, message: string): Decision {
  return { allowed: false, code, message };
}

/** @throws Failure with the refusal's code and message; returns when allowed */
export function verifyAllowed(decision: Decision): void {
  if (!decision.allowed) throw failure(decision.code, decision.message);
}
