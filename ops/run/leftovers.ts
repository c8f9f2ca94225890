import { mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process on record: a pid alone may be somebody else's by now, with its start time it is this one and no other. */
interface Mark {
  readonly pid: number;
  readonly started: string;
}

const POLL_MS = 20;

/** Writes down that a process runs. @returns how to take it off the record */
export function recordProcess(stateDir: string, name: string, pid: number): () => void {
  const record = join(recordsOf(stateDir), `${name}.json`);
  const mark: Mark = { pid, started: startTimeOf(pid) };
  writeFileSync(record, JSON.stringify(mark), { mode: 0o600 });
  return () => {
    if (readMark(record)?.pid === pid) rmSync(record, { force: true });
  };
}

/**
 * Puts this process on record as the only one of that name.
 *
 * @returns how to give the name back, or the pid of who has it
 */
export function claimName(stateDir: string, name: string): (() => void) | number {
  const record = join(recordsOf(stateDir), `${name}.json`);
  const mark: Mark = { pid: process.pid, started: startTimeOf(process.pid) };
  for (;;) {
    try {
      writeFileSync(record, JSON.stringify(mark), { mode: 0o600, flag: 'wx' });
      return () => rmSync(record, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = recordedProcess(stateDir, name);
    if (holder !== null) return holder;
    rmSync(record, { force: true });
  }
}

/** The pid on record under a name, while that very process runs. */
export function recordedProcess(stateDir: string, name: string): number | null {
  const mark = readMark(join(recordsOf(stateDir), `${name}.json`));
  return mark && isRunning(mark) ? mark.pid : null;
}

/**
 * Ends what an earlier start of the same system left running: the processes on record, and nobody else.
 *
 * @param keep the record of whoever asks
 * @returns the names of what was ended
 */
export async function endLeftovers(stateDir: string, keep: string): Promise<string[]> {
  const folder = recordsOf(stateDir);
  const ended: string[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json') && name !== `${keep}.json`)) {
    const mark = readMark(join(folder, file));
    if (mark && isRunning(mark)) {
      await endGroup(mark);
      ended.push(file.replace('.json', ''));
    }
    rmSync(join(folder, file), { force: true });
  }
  return ended;
}

/**
 * Ends what is left of a database server in a folder. Postgres gives each backend a session of its own, which outlives a
 * killed server for a moment; a second server over the same files would ruin them.
 */
export async function endDatabaseWorkers(folder: string): Promise<void> {
  for (const mark of workersIn(realpathSync(folder))) await endGroup(mark);
}

async function endGroup(mark: Mark): Promise<void> {
  for (const pid of [-mark.pid, mark.pid]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone already, or no leader of a group.
    }
  }
  while (isRunning(mark)) await sleep(POLL_MS);
}

/** Servers of Postgres whose working folder this is; a person's shell there is nobody's leftover. */
function workersIn(folder: string): Mark[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const here = pids.filter((pid) => targetOf(pid, 'cwd') === folder && basename(targetOf(pid, 'exe')) === 'postgres');
  return here.map(Number).map((pid) => ({ pid, started: startTimeOf(pid) }));
}

function targetOf(pid: string, link: 'cwd' | 'exe'): string {
  try {
    return readlinkSync(`/proc/${pid}/${link}`);
  } catch {
    return '';
  }
}

function recordsOf(stateDir: string): string {
  const folder = join(stateDir, 'run');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

function readMark(file: string): Mark | null {
  try {
    const mark: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isMark(mark) ? mark : null;
  } catch {
    return null;
  }
}

function isMark(value: unknown): value is Mark {
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('started' in value)) return false;
  return Number.isInteger(value.pid) && typeof value.started === 'string';
}

function isRunning({ pid, started }: Mark): boolean {
  return started !== '' && startTimeOf(pid) === started;
}

/** When a process began, in clock ticks since boot (proc(5), field 22 of stat); '' when there is none. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
