import type { TLSSocket } from 'node:tls';
import { meshNameOf } from './names.ts';

/**
 * Why a connection may not be served. That its certificate is of the authority and for asking, the handshake has seen to; here it has
 * to be that of one of the processes that may ask. A session of TLS that is taken up again shows a certificate that nobody has checked
 * since, so its end is looked at in any case.
 *
 * @returns null when it is welcome
 */
export function reasonAgainst(socket: TLSSocket, peers: readonly string[]): string | null {
  if (!socket.authorized) return String(socket.authorizationError);
  if (msLeft(socket) <= 0) return 'CERT_HAS_EXPIRED';
  const names = namesOf(socket);
  return peers.some((peer) => names.includes(meshNameOf(peer))) ? null : `NO_PEER ${names.join(' ')}`;
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
