import { connect, type Socket } from 'node:net';
import type { Finding, Observation } from '../intake/evidence.ts';
import type { Scanner } from '../intake/ports.ts';

export interface ClamdOptions {
  /** `tcp://host:port` or `unix:/path`. */
  readonly url: string;
  /** For one file, from the first byte to the last word, in milliseconds. */
  readonly timeoutMs: number;
}

export interface ClamdScanner extends Scanner {
  /** The engine and its signatures, as clamd tells them. @throws when it does not answer */
  version(): Promise<{ readonly engine: string; readonly data: string; readonly dataAt: Date | null }>;
}

const MAX_REPLY_BYTES = 4_096;

/**
 * clamd over its own protocol (clamd(8), INSTREAM): bytes go through as they come, never a whole file in memory.
 *
 * Only the exact reply `stream: OK` is a pass. A limit, an encrypted archive and a signature are finds; everything else,
 * silence and a connection that ends early included, is UNKNOWN, and never a pass.
 */
export function createClamdScanner({ url, timeoutMs }: ClamdOptions): ClamdScanner {
  const version = async () =>
    parseVersion(await converse(url, 5_000, async (socket) => void socket.write('zVERSION\0')));
  return {
    version,
    scan: async (chunks) => {
      const [{ engine, data, dataAt }, reply] = await Promise.all([
        version(),
        converse(url, timeoutMs, (socket) => sendStream(socket, chunks)),
      ]);
      // How old the signatures were is part of what a pass is worth.
      return observationOf(reply, engine, dataAt ? `${data} of ${dataAt.toISOString()}` : data);
    },
  };
}

function observationOf(reply: string, toolVersion: string, dataVersion: string): Observation {
  const tool = { tool: 'ClamAV', toolVersion, dataVersion };
  if (reply === 'stream: OK') return { verdict: 'PASS', ...tool, findings: [] };
  const signature = /^stream: (.+) FOUND$/.exec(reply)?.[1];
  if (signature) return { verdict: 'FAIL', ...tool, findings: [findingOf(signature)] };
  if (reply.startsWith('INSTREAM size limit exceeded'))
    return { verdict: 'FAIL', ...tool, findings: [{ code: 'SCAN_LIMIT' }] };
  return {
    verdict: 'UNKNOWN',
    ...tool,
    findings: [{ code: 'UNAVAILABLE', detail: 'The scanner gave no clear answer.' }],
  };
}

function findingOf(signature: string): Finding {
  if (signature.startsWith('Heuristics.Encrypted')) return { code: 'ENCRYPTED', detail: signature };
  if (signature.startsWith('Heuristics.Limits.Exceeded')) return { code: 'SCAN_LIMIT', detail: signature };
  return { code: 'SIGNATURE', detail: signature };
}

/** `ClamAV 1.4.6/27812/Mon Nov 23 09:00:00 2026`; without a database of ClamAV's own the rest is missing. */
function parseVersion(reply: string) {
  const [engine = '', data, date] = reply.replace(/^ClamAV /, '').split('/');
  const dataAt = date ? new Date(`${date} UTC`) : null;
  return { engine, data: data ?? 'own signatures', dataAt: dataAt && !Number.isNaN(dataAt.getTime()) ? dataAt : null };
}

async function sendStream(socket: Socket, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  await write(socket, Buffer.from('zINSTREAM\0'));
  for await (const chunk of chunks) {
    // It has said its last word already, a limit for example; what it would answer to the rest is nothing.
    if (socket.destroyed || socket.readableEnded) return;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(chunk.length);
    await write(socket, length, chunk);
  }
  await write(socket, Buffer.alloc(4));
}

function write(socket: Socket, ...parts: readonly Uint8Array[]): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  socket.cork();
  const hasRoom = parts.filter(({ length }) => length > 0).map((part) => socket.write(part));
  socket.uncork();
  if (hasRoom.every(Boolean)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.once('drain', done);
    socket.once('close', done);
  });
}

/** One question, one answer, up to its NUL. @throws when clamd is away, late or says more than it should */
async function converse(url: string, timeoutMs: number, ask: (socket: Socket) => Promise<void>): Promise<string> {
  const socket = connect(addressOf(url));
  const timer = setTimeout(() => socket.destroy(new Error(`clamd did not answer within ${timeoutMs} ms.`)), timeoutMs);
  const reply = readReply(socket);
  reply.catch(() => undefined);
  try {
    await Promise.race([ask(socket), reply]);
    return await reply;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function readReply(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (data) => {
      text += data.toString('utf8');
      const end = text.indexOf('\0');
      if (end !== -1) resolve(text.slice(0, end).trim());
      else if (text.length > MAX_REPLY_BYTES) socket.destroy(new Error('clamd said too much.'));
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('clamd hung up before it answered.')));
  });
}

function addressOf(url: string): { host: string; port: number } | { path: string } {
  if (url.startsWith('unix:')) return { path: url.slice('unix:'.length) };
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
