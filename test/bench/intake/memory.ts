import { readdirSync, readFileSync } from 'node:fs';

export interface Peak {
  /** MB that the process itself held at most since it began (VmHWM of proc(5)). */
  readonly process: number;
  /** MB that one of its children held at most. */
  readonly child: number;
  /** MB that the children held at most at one time; pages that they share count once for each. */
  readonly children: number;
  /** MB that all of them really took of the machine at one time: pages that they share count once (Pss). */
  readonly real: number;
}

const SAMPLE_MS = 20;
/** To tell the shared pages the kernel walks through all of them, which is too much to ask often. */
const REAL_EVERY = 10;

/** Watches a process and what it starts until it is asked. */
export function watchMemory(pid: number): { end(): Peak } {
  let child = 0;
  let children = 0;
  let real = 0;
  let looks = 0;
  const look = () => {
    const below = descendantsOf(pid);
    const sizes = below.map(highWaterOf);
    child = Math.max(child, ...sizes);
    children = Math.max(children, sumOf(sizes));
    if (looks++ % REAL_EVERY === 0) real = Math.max(real, sumOf([pid, ...below].map(realOf)));
  };
  const timer = setInterval(look, SAMPLE_MS);
  return {
    end: () => {
      clearInterval(timer);
      return { process: highWaterOf(pid), child, children, real };
    },
  };
}

/** The process of this system that runs a file, by its command line and its state folder. @throws Error when none does */
export function pidOf(entry: string, stateDir: string): number {
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    const [command, environment] = [read(`/proc/${name}/cmdline`), read(`/proc/${name}/environ`)];
    if (command.includes(entry) && environment.includes(`ASSAY_STATE_DIR=${stateDir}\0`)) return Number(name);
  }
  throw new Error(`Nothing here runs ${entry}.`);
}

function descendantsOf(pid: number): number[] {
  const threads = list(`/proc/${pid}/task`);
  const own = threads.flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean));
  return own.map(Number).flatMap((child) => [child, ...descendantsOf(child)]);
}

function highWaterOf(pid: number): number {
  return megabytesOf(/^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`)));
}

function realOf(pid: number): number {
  return megabytesOf(/^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`)));
}

function megabytesOf(found: RegExpExecArray | null): number {
  return Math.round(Number(found?.[1] ?? 0) / 1_024);
}

function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Empty for one that has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
