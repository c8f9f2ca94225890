import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import colors from 'picocolors';
import { endAbandoned } from '../abandoned.ts';
import { installForTests } from '../install.ts';
import { ROOT } from '../paths.ts';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, each by its file and its words: said again at the end, where a long log is read first. */
  readonly failures?: readonly string[];
}

interface Step {
  readonly name: string;
  run(): Promise<Counts>;
}

/** Everything that has to hold, cheapest first. */
const STEPS: readonly Step[] = [
  check('types', 'tsc', ['-p', '.']),
  check('types of the console', 'tsc', ['-p', 'gateway/console']),
  check('types of the browser tests', 'tsc', ['-p', 'test/browser']),
  check('lint and import direction', 'biome', ['ci', '--colors=off', '.']),
  drift(),
  check('changes for clients', 'tsx', ['codegen/changes.ts']),
  suite('unit and integration', []),
  suite('scenarios, matrix and browser', ['--config', 'test/vitest.system.config.ts']),
  suite('scenarios in a mesh', ['--config', 'test/vitest.mesh.config.ts']),
];

/** `npm test`: runs every step even after one failed, and closes with what failed and one line that counts. */
export async function test(args: readonly string[]): Promise<number> {
  const abandoned = await endAbandoned();
  if (abandoned > 0) process.stdout.write(`ended ${abandoned} systems that an earlier run was killed over\n`);
  await installForTests();
  const total = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  for (const step of STEPS.filter(({ name }) => args.length === 0 || args.some((wanted) => name.includes(wanted)))) {
    const from = Date.now();
    process.stdout.write(`${colors.bold(step.name)}\n`);
    const counts = await step.run();
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    if (counts.failed > 0) failures.push(...(counts.failures ?? ['see above']).map((each) => `${step.name}: ${each}`));
    const mark = counts.failed === 0 ? colors.green('ok') : colors.red('failed');
    process.stdout.write(`${step.name}: ${mark} in ${((Date.now() - from) / 1000).toFixed(1)} s\n\n`);
  }
  for (const failure of failures) process.stdout.write(`${colors.red('failed')} ${failure}\n`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** A tool that says yes or no: it counts as one. */
function check(name: string, program: string, args: readonly string[]): Step {
  return {
    name,
    run: async () =>
      (await runTool(program, args)) === 0
        ? { passed: 1, failed: 0, skipped: 0 }
        : { passed: 0, failed: 1, skipped: 0 },
  };
}

/** Generated code is what the code says, and nobody edited it. */
function drift(): Step {
  return {
    name: 'generated code',
    run: async () => {
      const schemas = await runTool('tsx', ['codegen/compose.ts', '--check']);
      const operations =
        schemas === 0 ? await runTool('graphql-codegen', ['--config', 'codegen.ts', '--check', '--silent']) : 1;
      const manifest = operations === 0 ? await runTool('tsx', ['codegen/persisted.ts', '--check']) : 1;
      return schemas + operations + manifest === 0
        ? { passed: 1, failed: 0, skipped: 0 }
        : { passed: 0, failed: 1, skipped: 0 };
    },
  };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** A vitest run; a file that does not load has no test to fail, and counts as one all the same. */
function suite(name: string, args: readonly string[]): Step {
  return {
    name,
    run: async () => {
      const report = join(tmpdir(), `assay-report-${process.pid}.json`);
      const code = await runTool('vitest', [
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...args,
      ]);
      try {
        const result = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
        const failed = result.numFailedTests || result.numFailedTestSuites || (code === 0 ? 0 : 1);
        return { passed: result.numPassedTests, failed, skipped: result.numPendingTests, failures: failuresOf(result) };
      } catch {
        return { passed: 0, failed: 1, skipped: 0 };
      } finally {
        rmSync(report, { force: true });
      }
    },
  };
}

/** Of each failed test its file, its words and the first line of why; of a file that does not load, why. */
function failuresOf({ testResults }: VitestReport): readonly string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(ROOT, name);
    const failed = assertionResults.filter((each) => each.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [`${file}: ${firstLineOf(message)}`] : [];
    return failed.map((each) => `${file} > ${each.fullName}: ${firstLineOf(each.failureMessages?.[0])}`);
  });
}

function firstLineOf(text = ''): string {
  return text.split('\n', 1)[0] ?? '';
}

function runTool(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(ROOT, 'node_modules', '.bin', program), args, {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
