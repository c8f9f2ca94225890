import type { Server } from 'node:http';

/** How long answers that are under way may take once a server closes. */
const PATIENCE_MS = 1_000;

/**
 * Listens on 127.0.0.1 and ::1 with one port, since browsers take either for localhost. Slow senders are cut off.
 *
 * @param port 0: any that is free
 * @throws Error such as EADDRINUSE
 */
export async function listenLocally(
  create: () => Server,
  port: number,
): Promise<{ readonly port: number; readonly servers: readonly Server[] }> {
  const [four, six] = [limited(create()), limited(create())];
  const taken = await listen(four, port, '127.0.0.1');
  try {
    await listen(six, taken, '::1');
    return { port: taken, servers: [four, six] };
  } catch (error) {
    // A machine without IPv6 has no ::1 to listen on.
    if (isCode(error, 'EADDRNOTAVAIL') || isCode(error, 'EAFNOSUPPORT')) return { port: taken, servers: [four] };
    await close(four);
    throw error;
  }
}

/** Times in which a request has to arrive (RFC 9110 leaves them to us): a slow sender holds no socket for long. */
function limited(server: Server): Server {
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  return server;
}

/** Listens on one address. @returns the port; @throws Error such as EADDRINUSE */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, ipv6Only: host === '::1' }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** Stops taking connections, lets answers finish for a second, then cuts what is left. */
export async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const patience = setTimeout(() => server.closeAllConnections(), PATIENCE_MS);
  await closed;
  clearTimeout(patience);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
