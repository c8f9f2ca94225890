import type { RequestFacts } from '../access/port.ts';
import type { Askers, ConnectionParams } from '../doors/askers.ts';
import type { RouterContext } from './http-transport.ts';

/** Askers of whom nothing is known but the headers that subgraphs get. @param names in lower case */
export function headerBearers(names: readonly string[]): Askers<RouterContext> {
  return {
    askerOf: async ({ headers }) => ({ context: { headers: chosen(headers, names) }, subject: null }),
    // A browser can give a socket no headers; what it says in connection_init stands for them.
    askerOfSocket: async ({ headers }, params) => ({
      context: { headers: { ...chosen(headers, names), ...chosen(texts(params), names) } },
      subject: null,
    }),
    isUpgradeAllowed,
    watch: () => ({ [Symbol.dispose]: () => undefined }),
    classOf,
  };
}

/** Who brings the same headers to the subgraphs is one to them. */
export function classOf({ headers }: RouterContext): string {
  return JSON.stringify(headers);
}

/** Browsers ask nobody before they open a socket to another site (RFC 6455, section 10.2): only our own pages may. */
function isUpgradeAllowed({ headers }: RequestFacts): boolean {
  const { origin, host } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}

function chosen(headers: Readonly<Record<string, string | undefined>>, names: readonly string[]) {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** What of a payload could be headers: a line of visible characters (RFC 9110, section 5.5), by a name in any case. */
function texts(params: ConnectionParams | undefined): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(params ?? {}))
    if (typeof value === 'string' && /^[\t\x20-\x7e]*$/.test(value)) found[name.toLowerCase()] = value;
  return found;
}
