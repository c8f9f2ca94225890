import { createServer, request } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MB = 2 ** 20;

/** Opens a door of this process, at a path in the file system, that tells what of its heap is still held. */
export function openHeapDoor(path: string): void {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const server = createServer((_request, response) => {
    collect();
    collect();
    response.end(String(process.memoryUsage().heapUsed / MB));
  });
  server.listen(path);
  server.unref();
}

/** MB that a process holds on its heap after everything else was collected. */
export function heapMbAt(socketPath: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(Number(text)));
    });
    asked.on('error', reject).end();
  });
}
