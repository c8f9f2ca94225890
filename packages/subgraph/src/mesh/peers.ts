import type { TLSSocket } from 'node:tls';
import { meshNameOf } from './names.ts';

/**
 * Whether a connection may be served: the certificate that it showed is of the authority (the handshake saw to that), is still good,
 * and is that of one of the processes that may ask. A session of TLS that is taken up again shows its certificate unchecked, so its
 * end is looked at here in any case.
 */
export function isWelcome(socket: TLSSocket, peers: readonly string[]): boolean {
  const names = namesOf(socket);
  return socket.authorized && msLeft(socket) > 0 && peers.some((peer) => names.includes(meshNameOf(peer)));
}

/** A connection lives no longer than the certificate that opened it. */
export function endWithCertificate(socket: TLSSocket): void {
  const timer = setTimeout(() => socket.destroy(), Math.min(msLeft(socket), LONGEST_TIMER_MS)).unref();
  socket.once('close', () => clearTimeout(timer));
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

function msLeft(socket: TLSSocket): number {
  const { valid_to: end } = socket.getPeerCertificate();
  return end === undefined ? 0 : Date.parse(end) - Date.now();
}

/** DNS names of the peer's certificate; Node writes them as `DNS:one, DNS:two`, and quotes what could be mistaken. */
function namesOf(socket: TLSSocket): string[] {
  const { subjectaltname = '' } = socket.getPeerCertificate();
  return subjectaltname.split(', ').flatMap((name) => (name.startsWith('DNS:') ? [name.slice(4)] : []));
}
