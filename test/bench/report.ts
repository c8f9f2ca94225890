import colors from 'picocolors';
import { type BenchResult, isMet } from './result.ts';

/** The closing table: a line a result, then what else was seen. */
export function tableOf(results: readonly BenchResult[]): string {
  const header = ['name', 'ours', 'peer', 'unit', 'ratio', 'aim', '', 'spread'];
  const rows = results.map((result) => {
    const { name, ours, peers, unit, ratio, aim, spread } = result;
    const [peer] = Object.values(peers);
    const met = isMet(result);
    return [
      name,
      String(ours),
      String(peer ?? ''),
      unit,
      String(ratio),
      aim ?? 'none',
      met === null ? '' : met ? 'met' : 'MISSED',
      `${spread.min} to ${spread.max}`,
    ];
  });
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)));
  const lines = [header, ...rows].map((row) => {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    return row[6] === 'MISSED' ? colors.red(line.trimEnd()) : line.trimEnd();
  });
  return [...lines, '', ...results.flatMap(notesOf)].join('\n');
}

/** Who the peers are, and the further figures. */
function notesOf({ name, peers, figures = {} }: BenchResult): string[] {
  const all = [...Object.entries(peers).map(([peer, figure]) => `against ${peer} ${figure}`)];
  const more = Object.entries(figures).map(([what, figure]) => `${what} ${figure}`);
  return [`${name}: ${[...all, ...more].join(', ')}`];
}
