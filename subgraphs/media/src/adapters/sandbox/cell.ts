import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SandboxRequest {
  readonly operation: 'inspect' | 'render';
  readonly mimeType: string;
  readonly maxPixels: number;
  readonly label: string;
}

export interface ReplyBlob {
  readonly name: string;
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

export interface Reply {
  readonly ok: boolean;
  readonly message?: string;
  readonly width?: number;
  readonly height?: number;
  readonly blobs: readonly ReplyBlob[];
}

/** One child, for one file. */
export interface Cell {
  /** Hands the file in; a chunk of no length says that it is whole. Never throws: a child that died says so when it is asked. */
  feed(chunk: Uint8Array): Promise<void>;
  /** @throws Error when the child was killed, took too long, has no whole file or talked nonsense */
  ask(request: SandboxRequest): Promise<Reply>;
  end(): void;
}

const BWRAP = '/usr/bin/bwrap';
const PRLIMIT = '/usr/bin/prlimit';
/** Private writable memory: enough for 100 megapixels as WebP, which is decoded whole, with alpha and without, and for Node. */
const MAX_DATA_BYTES = 3_584 * 1024 * 1024;
const MAX_CPU_SECONDS = 60;
const MAX_REPLY_BYTES = 64 * 1024 * 1024;
const here = dirname(fileURLToPath(import.meta.url));

/** @throws Error that says what to install */
export function verifyBubblewrap(): void {
  for (const program of [BWRAP, PRLIMIT]) {
    if (!existsSync(program))
      throw new Error(
        `${program} is missing, and nothing is decoded without it. Install the packages bubblewrap and util-linux.`,
      );
  }
}

/** As the package says itself, without loading it here: evidence names what really decoded. */
export function decoderVersion(): string {
  const folder = packageFolder(createRequire(import.meta.url).resolve('sharp'), 'sharp');
  const { version }: { readonly version: string } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return version;
}

/**
 * Starts a child that loads its libraries and waits for a file.
 *
 * @param timeoutMs for each chunk and each answer
 */
export function startCell(timeoutMs: number): Cell {
  const child = spawn(
    PRLIMIT,
    [`--data=${MAX_DATA_BYTES}`, `--cpu=${MAX_CPU_SECONDS}`, '--core=0', '--fsize=0', '--nofile=64', BWRAP, ...walls()],
    // A group of its own: bubblewrap that is killed while it begins leaves its half-made child waiting for it for ever.
    { env: {}, stdio: ['pipe', 'pipe', 'ignore'], detached: true },
  );
  child.stdin?.on('error', () => undefined);
  const end = () => endGroup(child);
  child.on('error', () => undefined);
  let isFed = false;
  let isLate = false;
  const withinTime = async <T>(work: () => Promise<T>): Promise<T> => {
    const timer = setTimeout(() => {
      isLate = true;
      end();
    }, timeoutMs);
    return work().finally(() => clearTimeout(timer));
  };
  const replies = readReplies(child);
  const answer = async (request: SandboxRequest) => {
    const reply = replies.next();
    reply.catch(() => undefined);
    await write(child, Buffer.from(`${JSON.stringify(request)}\n`));
    const { value, done } = await reply;
    // What a child says while it is killed is said of half a file.
    if (isLate) throw new Error(`The sandbox took longer than ${timeoutMs} ms.`);
    if (done) throw new Error('The sandbox ended without an answer.');
    return value;
  };
  return {
    end,
    feed: (chunk) => {
      const announced = isFed ? [] : [READ];
      isFed = true;
      return withinTime(() => write(child, ...announced, lengthOf(chunk), chunk));
    },
    ask: (request) =>
      withinTime(() => answer(request)).catch((error: unknown) => {
        end();
        throw error;
      }),
  };
}

function endGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

/** What the child sees: its own program and libraries, read-only; no network, no environment, no other process, nobody's rights. */
export function walls(): string[] {
  const node = realpathSync(process.execPath);
  const packages = Object.entries(libraries()).flatMap(([name, path]) => [
    '--ro-bind',
    path,
    `/app/node_modules/${name}`,
  ]);
  return [
    '--unshare-all',
    '--die-with-parent',
    '--new-session',
    '--clearenv',
    // Its libraries put a large picture into a file unless they are told not to, and there is none to write to.
    '--setenv',
    'VIPS_DISC_THRESHOLD',
    '4g',
    '--cap-drop',
    'ALL',
    '--uid',
    '65534',
    '--gid',
    '65534',
    '--ro-bind',
    '/usr/lib',
    '/usr/lib',
    '--symlink',
    'usr/lib',
    '/lib',
    '--symlink',
    'usr/lib64',
    '/lib64',
    '--ro-bind-try',
    '/usr/lib64',
    '/usr/lib64',
    '--ro-bind',
    node,
    '/app/node',
    '--ro-bind',
    here,
    '/app/sandbox',
    ...packages,
    '--dev',
    '/dev',
    '--remount-ro',
    '/dev',
    '--chdir',
    '/app',
    '--remount-ro',
    '/',
    '/app/node',
    '--max-old-space-size=256',
    '--disable-warning=ExperimentalWarning',
    '/app/sandbox/child.ts',
  ];
}

/** sharp and what it loads, by their real folders. */
function libraries(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const sharp = packageFolder(require.resolve('sharp'), 'sharp');
  const beside = dirname(sharp);
  const names = ['@img/colour', '@img/sharp-linux-x64', '@img/sharp-libvips-linux-x64', 'detect-libc', 'semver'];
  const found = names.flatMap((name) => {
    const path = existsSync(join(beside, name))
      ? join(beside, name)
      : join(realpathSync(join(beside, '@img/sharp-linux-x64')), '..', '..', name);
    return existsSync(path) ? [[name, realpathSync(path)] as const] : [];
  });
  return { sharp, ...Object.fromEntries(found) };
}

function packageFolder(entry: string, name: string): string {
  const marker = `/node_modules/${name}/`;
  return entry.slice(0, entry.lastIndexOf(marker) + marker.length - 1);
}

/** Says that a file follows in frames: a length and as many bytes each; the one of no length says that the file is whole. */
const READ = Buffer.from('{"operation":"read"}\n');

/** Resolves when there is room for more, or nobody there to read it. */
function write({ stdin }: ChildProcess, ...parts: readonly Uint8Array[]): Promise<void> {
  if (!stdin || stdin.destroyed) return Promise.resolve();
  stdin.cork();
  const hasRoom = parts.filter(({ length }) => length > 0).map((part) => stdin.write(part));
  stdin.uncork();
  if (hasRoom.every(Boolean)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      stdin.off('drain', done);
      stdin.off('close', done);
      resolve();
    };
    stdin.once('drain', done);
    stdin.once('close', done);
  });
}

function lengthOf({ length }: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(length);
  return frame;
}

async function* readReplies(child: ChildProcess): AsyncGenerator<Reply, undefined> {
  let said = Buffer.alloc(0);
  let isUp = false;
  for await (const chunk of child.stdout ?? []) {
    said = Buffer.concat([said, chunk as Buffer]);
    // The first byte only says that the child is up.
    if (!isUp) said = said.subarray(1);
    isUp = true;
    if (said.length > MAX_REPLY_BYTES) throw new Error('The sandbox answered with too much.');
    const end = endOf(said);
    if (end > said.length) continue;
    yield parseReply(said.subarray(0, end));
    said = said.subarray(end);
  }
  if (said.length > 0) throw new Error('The sandbox ended in the middle of its answer.');
  return undefined;
}

interface Header extends Omit<Reply, 'blobs'> {
  readonly blobs: readonly (Omit<ReplyBlob, 'bytes'> & { readonly length: number })[];
}

/** Where the first answer ends; beyond what was said while that is not known. */
function endOf(said: Buffer): number {
  const start = said.length >= 4 ? 4 + said.readUInt32BE(0) : Number.POSITIVE_INFINITY;
  if (start > said.length) return Number.POSITIVE_INFINITY;
  return headerOf(said).blobs.reduce((end, { length }) => end + length, start);
}

function headerOf(said: Buffer): Header {
  return JSON.parse(said.toString('utf8', 4, 4 + said.readUInt32BE(0))) as Header;
}

function parseReply(said: Buffer): Reply {
  const header = headerOf(said);
  let at = 4 + said.readUInt32BE(0);
  const blobs = header.blobs.map(({ length, ...blob }) => {
    const bytes = said.subarray(at, at + length);
    at += length;
    return { ...blob, bytes };
  });
  return { ...header, blobs };
}
