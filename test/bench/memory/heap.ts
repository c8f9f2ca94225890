import { createServer, request } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MB = 2 ** 20;
const AS_IF_SHORT = '/as-if-short-of-memory';

/** Opens a door of this process, at a path in the file system, that tells what it still holds. */
export function openHeapDoor(path: string): void {
  setFlagsFromString('--expose-gc');
  const gc: (how?: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void = runInNewContext('gc');
  const server = createServer(({ url }, response) => {
    gc();
    gc(url === AS_IF_SHORT ? { type: 'major', execution: 'sync', flavor: 'last-resort' } : undefined);
    const { heapUsed, external } = process.memoryUsage();
    response.end(JSON.stringify({ heapMb: heapUsed / MB, heldMb: (heapUsed + external) / MB }));
  });
  server.listen(path);
  server.unref();
}

/**
 * MB that a process holds on its heap after everything else was collected as if memory were short: the empty room in which objects are
 * made (up to 384 MB, three semi-spaces of 128) goes back to the system too.
 */
export async function heapMbAt(socketPath: string): Promise<number> {
  return (await askedAt(socketPath, AS_IF_SHORT)).heapMb;
}

/** MB that a process holds on its heap and in buffers outside of it, after everything else was collected. */
export async function heldMbAt(socketPath: string): Promise<number> {
  return (await askedAt(socketPath, '/')).heldMb;
}

function askedAt(socketPath: string, path: string): Promise<{ readonly heapMb: number; readonly heldMb: number }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text)));
    });
    asked.on('error', reject).end();
  });
}
