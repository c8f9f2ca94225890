import { codeOf } from './client.ts';
import type { Row } from './report.ts';

/** Does one step of the demo and adds its row; a refusal shows as its code, anything else that fails as its words. */
export async function timed(rows: Row[], what: string, expected: string, work: () => Promise<string>): Promise<void> {
  const from = performance.now();
  const got = await work().catch(
    (error: unknown) => codeOf(error) ?? (error instanceof Error ? error.message : String(error)),
  );
  rows.push({ what, expected, got, ms: performance.now() - from });
}

/** @returns the code with which something was refused, or `answered` */
export async function refusalOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => 'answered',
    (error: unknown) => codeOf(error) ?? String(error),
  );
}
