import colors from 'picocolors';
import type { BenchResult } from './result.ts';

/** The closing table: a line a result, then what else was seen. */
export function tableOf(results: readonly BenchResult[]): string {
  const header = ['name', 'ours', 'peer', 'unit', 'ratio', 'aim', '', 'spread'];
  const rows = results.map(({ name, ours, peers, unit, ratio, aim, isMet, spread }) => {
    const [peer] = Object.values(peers);
    return [
      name,
      String(ours),
      String(peer ?? ''),
      unit,
      String(ratio),
      aim,
      isMet === null ? '' : isMet ? 'met' : 'MISSED',
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
function notesOf({ name, peers, more = {} }: BenchResult): string[] {
  const all = Object.entries(peers).map(([peer, figure]) => `against ${peer} ${figure}`);
  const seen = Object.entries(more).map(([what, figure]) => `${what} ${figure}`);
  return [`${name}: ${[...all, ...seen].join(', ')}`];
}
