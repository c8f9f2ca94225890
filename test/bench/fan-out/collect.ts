import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** Where Node's inspector listens once a process has got SIGUSR1. */
const INSPECTOR = 'http://127.0.0.1:9229/json/list';
const PATIENCE_MS = 5_000;

/**
 * Lets a Node process collect what nobody holds any more, so that its memory says what is held. The first time opens its inspector.
 *
 * @throws Error when it cannot be reached, such as when another process has the inspector's port
 */
export async function collectGarbage(pid: number): Promise<void> {
  process.kill(pid, 'SIGUSR1');
  const socket = new WebSocket(await inspectorOf());
  try {
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const answered = new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject));
    socket.send('{"id":1,"method":"HeapProfiler.collectGarbage"}');
    await answered;
  } finally {
    socket.terminate();
  }
}

async function inspectorOf(): Promise<string> {
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until; await sleep(50)) {
    const answer = await fetch(INSPECTOR).catch(() => null);
    const targets: unknown = await answer?.json();
    const [target] = Array.isArray(targets) ? targets : [];
    if (typeof target?.webSocketDebuggerUrl === 'string') return target.webSocketDebuggerUrl;
  }
  throw new Error('The inspector of the process does not answer.');
}
