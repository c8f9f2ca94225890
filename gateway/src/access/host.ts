/**
 * Answers whether a request was sent to one of our own names: another Host means that somebody's page made this browser believe
 * that its name is our address (DNS rebinding).
 *
 * @param hosts names with ports, lower case
 */
export function isHostAllowed(host: string | undefined, hosts: ReadonlySet<string>): boolean {
  return host !== undefined && hosts.has(host.toLowerCase());
}
