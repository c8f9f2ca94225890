import type { IncomingMessage, ServerResponse } from 'node:http';

/** One part as it answered. */
export interface PartHealth {
  readonly ok: boolean;
  /** Whether the gateway serves without it; down, it makes the whole `degraded`. */
  readonly isOptional?: boolean;
  /** A word for an operator; never an address or a secret. */
  readonly detail?: string;
}

/** Asks one part, which may tell of parts that it stands on. A throw is a no. */
export type Probe = () => Promise<PartHealth | Readonly<Record<string, PartHealth>>>;

/** One part as readiness shows it. */
interface ShownPart extends PartHealth {
  readonly state: 'up' | 'down';
  /** How long ago it was asked, and how long it took to answer then, in milliseconds. */
  readonly ageMs: number;
  readonly tookMs: number;
}

type Seen = readonly [part: string, health: PartHealth, tookMs: number];

const PATIENCE_MS = 2_000;
/** Many ask at once; the parts are asked at most this often. */
const FRESH_MS = 500;

/** @param probes by the part's name; a part that it stands on is shown as `part.of-that` */
export function createHealth(probes: Readonly<Record<string, Probe>>) {
  let known: { readonly at: number; readonly seen: Promise<readonly Seen[]> } | undefined;
  const look = () => {
    if (!known || Date.now() - known.at > FRESH_MS) known = { at: Date.now(), seen: askAll(probes) };
    return known;
  };
  const doors: Readonly<Record<string, (response: ServerResponse) => void | Promise<void>>> = {
    '/health/live': (response) => send(response, 200, { status: 'live' }),
    // 200 only when every part answered well that the gateway cannot serve without.
    '/health/ready': async (response) => {
      const { at, seen } = look();
      const parts = Object.fromEntries((await seen).map((each) => [each[0], show(each, at)]));
      const down = Object.values(parts).filter(({ ok }) => !ok);
      const isReady = down.every(({ isOptional }) => isOptional);
      const status = isReady ? (down.length === 0 ? 'ready' : 'degraded') : 'not ready';
      send(response, isReady ? 200 : 503, { status, parts });
    },
  };
  return {
    /** Answers `/health` and what is under it: `live` says that the process runs, `ready` asks the parts; there is nothing else. */
    answer: async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const door = doors[new URL(request.url ?? '/', 'http://localhost').pathname];
      if (!door) return send(response, 404, { status: 'not found' });
      if (request.method === 'GET' || request.method === 'HEAD') return door(response);
      response.setHeader('allow', 'GET, HEAD');
      send(response, 405, { status: 'GET only' });
    },
  };
}

/** Whether a path is health's. */
export function isHealthPath(path: string): boolean {
  return path === '/health' || path.startsWith('/health/');
}

async function askAll(probes: Readonly<Record<string, Probe>>): Promise<readonly Seen[]> {
  return (await Promise.all(Object.entries(probes).map(([part, ask]) => askOne(part, ask)))).flat();
}

async function askOne(part: string, ask: Probe): Promise<readonly Seen[]> {
  const from = performance.now();
  const answer = await withPatience(ask).catch((): PartHealth => ({ ok: false, detail: 'does not answer' }));
  const tookMs = Math.round(performance.now() - from);
  if (isPart(answer)) return [[part, answer, tookMs]];
  const below = Object.entries(answer).map(([name, health]): Seen => [`${part}.${name}`, health, tookMs]);
  return [[part, { ok: true }, tookMs], ...below];
}

function isPart(answer: Awaited<ReturnType<Probe>>): answer is PartHealth {
  return typeof answer.ok === 'boolean';
}

function show([, { ok, isOptional, detail }, tookMs]: Seen, at: number): ShownPart {
  const state = ok ? 'up' : 'down';
  return {
    ok,
    state,
    ...(isOptional ? { isOptional } : {}),
    ...(detail ? { detail } : {}),
    ageMs: Date.now() - at,
    tookMs,
  };
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
