import { createServer, request } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MB = 2 ** 20;

/** Opens a door of this process, at a path in the file system, that tells what it still holds. */
export function openHeapDoor(path: string): void {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const server = createServer((_request, response) => {
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    response.end(JSON.stringify({ heapMb: heapUsed / MB, heldMb: (heapUsed + external) / MB }));
  });
  server.listen(path);
  server.unref();
}

/** MB that a process holds on its heap after everything else was collected. */
export async function heapMbAt(socketPath: string): Promise<number> {
  return (await askedAt(socketPath)).heapMb;
}

/** The same, with its buffers outside of the heap. */
export async function heldMbAt(socketPath: string): Promise<number> {
  return (await askedAt(socketPath)).heldMb;
}

function askedAt(socketPath: string): Promise<{ readonly heapMb: number; readonly heldMb: number }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text)));
    });
    asked.on('error', reject).end();
  });
}
