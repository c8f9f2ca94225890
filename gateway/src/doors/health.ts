import type { IncomingMessage, ServerResponse } from 'node:http';

/** One part as readiness shows it. */
export interface PartHealth {
  readonly ok: boolean;
  /** A word for an operator; never an address or a secret. */
  readonly detail?: string;
  /** How old the answer is, in milliseconds. */
  readonly ageMs?: number;
}

/** Asks one part; a throw is a no. */
export type Probe = () => Promise<PartHealth | Readonly<Record<string, PartHealth>>>;

const PATIENCE_MS = 2_000;
/** Many ask at once; the parts are asked at most this often. */
const FRESH_MS = 500;

/** @param probes by the part's name */
export function createHealth(probes: Readonly<Record<string, Probe>>) {
  let known: { readonly at: number; readonly answer: Promise<Readonly<Record<string, PartHealth>>> } | undefined;
  const ask = () => {
    const now = Date.now();
    if (!known || now - known.at > FRESH_MS) known = { at: now, answer: askAll(probes) };
    return known.answer;
  };
  return {
    /** The process runs; nothing else is asked. */
    live: (response: ServerResponse) => send(response, 200, { status: 'live' }),
    /** 200 only when every part answered well. */
    ready: async (_request: IncomingMessage, response: ServerResponse) => {
      const parts = await ask();
      const ok = Object.values(parts).every((part) => part.ok);
      send(response, ok ? 200 : 503, { status: ok ? 'ready' : 'not ready', parts });
    },
  };
}

async function askAll(probes: Readonly<Record<string, Probe>>): Promise<Readonly<Record<string, PartHealth>>> {
  const answers = await Promise.all(
    Object.entries(probes).map(async ([name, probe]) => {
      const from = Date.now();
      const answer = await withPatience(probe).catch((): PartHealth => ({ ok: false, detail: 'does not answer' }));
      if (isPart(answer)) return [[name, { ageMs: Date.now() - from, ...answer }] as const];
      return Object.entries(answer).map(
        ([part, health]) => [`${name}.${part}`, { ageMs: Date.now() - from, ...health }] as const,
      );
    }),
  );
  return Object.fromEntries(answers.flat());
}

function isPart(answer: Awaited<ReturnType<Probe>>): answer is PartHealth {
  return typeof answer.ok === 'boolean';
}

function withPatience<T>(ask: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), PATIENCE_MS);
  });
  return Promise.race([ask(), late]).finally(() => clearTimeout(timer));
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
