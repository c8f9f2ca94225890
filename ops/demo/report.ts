import colors from 'picocolors';
import type { TimelineEvent } from './follow.ts';

/** One row of the closing table. */
export interface Row {
  readonly what: string;
  readonly expected: string;
  readonly got: string;
  readonly ms: number;
}

/** Prints one event of a timeline as it happens. */
export function printEvent(name: string, event: TimelineEvent): void {
  const time = event.at.slice(11, 23);
  const stage = event.stage ? ` ${event.stage}${event.verdict ? ` ${verdictMark(event.verdict)}` : ''}` : '';
  const progress = event.progress ? colors.dim(` ${percent(event.progress)}`) : '';
  process.stdout.write(`  ${colors.dim(time)} ${name.padEnd(24)} ${event.state.padEnd(12)}${stage}${progress}\n`);
}

function percent({ done, total }: { done: number; total: number }): string {
  return total > 0 ? `${Math.round((100 * done) / total)} %` : '';
}

function verdictMark(verdict: string): string {
  if (verdict === 'PASS') return colors.green('PASS');
  return verdict === 'FAIL' ? colors.red('FAIL') : colors.yellow(verdict);
}

/** Prints a heading. */
export function printHeading(text: string): void {
  process.stdout.write(`\n${colors.bold(text)}\n`);
}

/** Prints the closing table. @returns whether each row came out as expected */
export function printTable(rows: readonly Row[]): boolean {
  const header: Cells = ['file', 'expected', 'got', 'ms', ''];
  const cells: Cells[] = rows.map((row) => [
    row.what,
    row.expected,
    row.got,
    String(Math.round(row.ms)),
    row.expected === row.got ? 'ok' : 'DIFFERS',
  ]);
  const widths = header.map((_, column) => Math.max(...[header, ...cells].map((line) => line[column]?.length ?? 0)));
  printHeading('What came of it');
  for (const line of [header, ...cells]) {
    const text = line
      .map((cell, column) => (column === 3 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ');
    process.stdout.write(`  ${line[4] === 'DIFFERS' ? colors.red(text) : text}\n`);
  }
  return rows.every((row) => row.expected === row.got);
}

type Cells = [string, string, string, string, string];
