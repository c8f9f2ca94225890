/**
 * Answers whether a request was sent to one of our own names: another Host means that somebody's page made this browser believe
 * that its name is our address (DNS rebinding).
 *
 * @param hosts names with ports, lower case
 */
export function isHostAllowed(host: string | undefined, hosts: ReadonlySet<string>): boolean {
  return host !== undefined && hosts.has(host.toLowerCase());
}

/** Answers whether a request names one host only (RFC 9112, 3.2): of two, whoever stands before us may have believed the other. */
export function hasOneHost(rawHeaders: readonly string[]): boolean {
  return rawHeaders.filter((text, n) => n % 2 === 0 && text.toLowerCase() === 'host').length <= 1;
}
