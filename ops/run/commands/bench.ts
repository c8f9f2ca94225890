import { relative } from 'node:path';
import { BENCHES, USUAL } from '../../../test/bench/benches.ts';
import { tableOf } from '../../../test/bench/report.ts';
import { type BenchResult, describeMachine, type Machine, writeResult } from '../../../test/bench/result.ts';
import { installForTests } from '../install.ts';
import { ROOT } from '../paths.ts';
import { createProgress, secondsSince } from '../progress.ts';

/** Above it somebody else is at work on the machine, and figures are noise; ratios suffer less. */
const QUIET_LOAD = 0.5;

/**
 * `npm run bench [name]`: measures the usual or what is named, each against its peers in one run, and closes with a table. A
 * missed aim is a result like any other.
 *
 * @returns 1 when something could not be measured, 2 for a name that there is not
 */
export async function bench(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
  if (unknown.length > 0) {
    process.stderr.write(
      `Nothing here is called ${unknown.join(', ')}. There are ${Object.keys(BENCHES).join(', ')}.\n`,
    );
    return 2;
  }
  await installForTests();
  const machine = describeMachine();
  process.stdout.write(`${machine.text}\n`);
  if (machine.load > QUIET_LOAD)
    process.stdout.write('Something else is at work on this machine: trust the ratios more than the figures.\n');
  const results: BenchResult[] = [];
  const failed: string[] = [];
  for (const name of names.length > 0 ? names : USUAL) {
    try {
      results.push(...(await measure(name, machine)));
    } catch (error) {
      failed.push(name);
      process.stderr.write(`${name} could not be measured: ${error instanceof Error ? error.stack : String(error)}\n`);
    }
  }
  if (results.length > 0) process.stdout.write(`\n${tableOf(results)}\n`);
  return failed.length > 0 ? 1 : 0;
}

async function measure(name: string, machine: Machine): Promise<readonly BenchResult[]> {
  using progress = createProgress();
  const from = Date.now();
  progress.begin(name);
  const results = (await BENCHES[name]?.((text) => progress.line(name, text))) ?? [];
  progress.end(name);
  const files = results.map((result) => relative(ROOT, writeResult(result, machine)));
  progress.line(name, `${files.join(', ')} ${secondsSince(from)}`);
  return results;
}
