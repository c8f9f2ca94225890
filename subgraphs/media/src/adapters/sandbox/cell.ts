import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
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
  /** @throws Error when the child was killed, took too long or talked nonsense */
  ask(request: SandboxRequest, chunks: AsyncIterable<Uint8Array>): Promise<Reply>;
  end(): void;
}

const BWRAP = '/usr/bin/bwrap';
const PRLIMIT = '/usr/bin/prlimit';
/** Private writable memory: enough for 100 megapixels of RGB twice over, and for Node. */
const MAX_DATA_BYTES = 1_280 * 1024 * 1024;
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

/** Starts a child that loads its libraries and waits for a file. */
export function startCell(timeoutMs: number): Cell {
  const child = spawn(
    PRLIMIT,
    [`--data=${MAX_DATA_BYTES}`, `--cpu=${MAX_CPU_SECONDS}`, '--core=0', '--fsize=0', '--nofile=64', BWRAP, ...walls()],
    {
      env: {},
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  child.stdin?.on('error', () => undefined);
  const end = () => void child.kill('SIGKILL');
  child.on('error', () => undefined);
  return {
    end,
    ask: async (request, chunks) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        end();
      }, timeoutMs);
      const reply = readReply(child);
      reply.catch(() => undefined);
      try {
        await send(child, request, chunks);
        const answer = await reply;
        // What a child says while it is killed is said of half a file.
        if (isLate) throw new Error(`The sandbox took longer than ${timeoutMs} ms.`);
        return answer;
      } finally {
        clearTimeout(timer);
        end();
      }
    },
  };
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

async function send(child: ChildProcess, request: SandboxRequest, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const { stdin } = child;
  if (!stdin) throw new Error('The sandbox has no input.');
  const write = (bytes: Uint8Array | string) =>
    new Promise<void>((resolve) => {
      if (stdin.destroyed || stdin.write(bytes)) return resolve();
      stdin.once('drain', resolve);
      stdin.once('close', resolve);
    });
  await write(`${JSON.stringify(request)}\n`);
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    await write(lengthOf(chunk));
    await write(chunk);
  }
  await write(lengthOf(WHOLE));
  stdin.end();
}

/** The frame of no length says that the file is whole: an input that merely ends is one that broke off. */
const WHOLE = new Uint8Array();

function lengthOf({ length }: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(length);
  return frame;
}

async function readReply(child: ChildProcess): Promise<Reply> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of child.stdout ?? []) {
    parts.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > MAX_REPLY_BYTES) throw new Error('The sandbox answered with too much.');
  }
  // The first byte only says that the child is up.
  return parseReply(Buffer.concat(parts).subarray(1));
}

function parseReply(bytes: Buffer): Reply {
  const end = bytes.length >= 4 ? 4 + bytes.readUInt32BE(0) : Number.POSITIVE_INFINITY;
  if (end > bytes.length) throw new Error('The sandbox ended without an answer.');
  const header = JSON.parse(bytes.toString('utf8', 4, end)) as Omit<Reply, 'blobs'> & {
    blobs: (Omit<ReplyBlob, 'bytes'> & { length: number })[];
  };
  let at = end;
  const blobs = header.blobs.map(({ length, ...blob }) => {
    if (at + length > bytes.length) throw new Error('The sandbox ended in the middle of its answer.');
    const part = bytes.subarray(at, at + length);
    at += length;
    return { ...blob, bytes: part };
  });
  return { ...header, blobs };
}
