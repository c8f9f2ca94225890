import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { logOf, startChild } from '../child.ts';
import { environmentOf, type ProcessName } from '../environment.ts';
import FLAGS from '../node-flags.json' with { type: 'json' };
import type { Ground, Part } from '../part.ts';

/** A process of ours: its entry, what it needs, where it answers. */
export interface ProcessPart extends Pick<Part, 'needs' | 'packages' | 'elsewhere'> {
  readonly name: ProcessName;
  /** Relative to the checkout. */
  readonly entry: string;
  url(ground: Ground): string;
}

/** A part that is a process of ours, with an environment of its own and no other. Ready when it says so itself. */
export function processPart({ entry, url, ...part }: ProcessPart): Part {
  return {
    ...part,
    version: async ({ root }) => versionOf(root),
    start: (ground) => {
      const log = logOf(ground.stateDir, part.name);
      return startChild({
        ...ground,
        name: part.name,
        command: process.execPath,
        args: [...FLAGS.every, join(ground.root, entry)],
        cwd: ground.root,
        env: environmentOf(ground, part.name),
        url: url(ground),
        isReady: () => saysReady(log, part.name),
        patienceMs: 60_000,
        graceMs: 6_000,
      });
    },
  };
}

function versionOf(root: string): string {
  const { version }: { version?: unknown } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return String(version);
}

/** Whether its line `{"msg":"ready","part":...}` is among the lines of its log. */
function saysReady(log: string, name: string): boolean {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [];
  return lines.some((line) => line.startsWith('{"msg":"ready"') && line.includes(`"part":"${name}"`));
}
