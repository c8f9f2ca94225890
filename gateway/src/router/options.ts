import { parseArgs } from 'node:util';
import { PLANNER_NAMES, type PlannerName } from '../engine/index.ts';
import type { Limits } from '../limits/limits.ts';
import { parseStreamOver, type StreamOver } from './stream-over.ts';

/** How the router runs. */
export interface RouterOptions {
  /** A file's path, or an http(s) address, of a composed Federation 2 supergraph. */
  readonly supergraph: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Whether identical reads in flight, with the same forwarded headers, are asked of a subgraph once. */
  readonly shareInFlight: boolean;
  /** Names of the client's headers that subgraphs get, in lower case. */
  readonly forwardHeaders: readonly string[];
  /** Subgraphs that are asked for streams over WebSocket; the others, and all when left out, as server-sent events. */
  readonly streamOver?: StreamOver;
  /** The most that an operation may be estimated at (`@cost`, `@listSize`); null: nothing is refused for its cost. */
  readonly maxCost: number | null;
  /** What else a document may ask for; what is left out is as `DEFAULT_LIMITS` says. */
  readonly limits?: Partial<Pick<Limits, LimitOption>>;
  /** Which planner is asked; left out, the native one, which has a substitute where it does not load. */
  readonly planner?: PlannerName;
  /** What is told about the schema: all of it (left out), or what a visitor reaches. */
  readonly introspection?: 'whole' | 'scoped';
  /** How long a subgraph may take to begin its answer, and between two parts of it. */
  readonly subgraphTimeoutMs?: number;
  /** The most that one answer of a subgraph, or one event of a stream, may hold. */
  readonly maxAnswerBytes?: number;
  /** Where figures are read, on loopback; 0: any that is free. Left out, none are kept. */
  readonly metricsPort?: number;
}

export const ROUTER_USAGE = `npm run router -- --supergraph FILE_OR_URL --port N [options]

The engine alone, over any composed Federation 2 supergraph, at http://localhost:N/graphql: no login and no other part.
It listens on 127.0.0.1 and ::1, answers /health/ready, and ends on SIGTERM or Ctrl-C. It knows no callers: fields that the
supergraph guards by @authenticated, @requiresScopes or @policy are answered to nobody. A supergraph that changes is taken
without a restart, when it is good: requests under way finish with the last one, streams are told to begin again; one that is not is
named by /health/ready. SIGHUP has it looked at at once, and tried once more (from a terminal it ends the router). Subscriptions are
served over WebSocket (graphql-transport-ws) and as server-sent events; subgraphs are asked for them by the latter, or the former.

  --supergraph FILE_OR_URL   the composed schema; subgraphs are asked at the addresses that stand in it
  --port N                   0 takes any that is free
  --share-in-flight on|off   identical reads in flight go to a subgraph once (on); mutations never share
  --forward-header NAME      hand this header of the client on to subgraphs; again for more
  --stream-over NAME=ws      ask this subgraph for streams over WebSocket, at its own address; NAME=ws://HOST:PORT/PATH or wss://:
                             at that one; again for more. What breaks off there is not resumed: its readers are told
  --max-cost N               refuse operations that @cost and @listSize estimate at more; a header x-assay-cost: on tells
                             the cost of each answer in extensions.cost
  --max-depth N              fields within fields of a document (24)
  --max-aliases N            aliases of a document (300)
  --max-root-fields N        fields at the root of an operation (50)
  --max-operations N         operations of a document (50)
  --max-fragments N          fragments of a document (100)
  --planner native|apollo    what plans: the native planner (native), or @apollo/query-planner where it is installed
  --introspection whole|scoped  what is told about the schema: all of it (whole), or without what nobody is answered
  --subgraph-timeout MS      how long a subgraph may take to begin its answer, and between two parts of it or two signs of life of a
                             WebSocket (15000)
  --max-answer-bytes N       the most that one answer, or event, of a subgraph may hold (67108864)
  --metrics-port N           keep figures, and tell them at http://127.0.0.1:N/metrics (OpenMetrics)
  --help                     this text`;

/** Headers that belong to one connection or describe one body: handing them on would bend the next request (RFC 9110, 7.6.1). */
const NEVER_FORWARDED = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * @returns null when help was asked for
 * @throws Error that says what is wrong and how it is used
 */
export function parseRouterOptions(args: readonly string[]): RouterOptions | null {
  const values = parse(args);
  if (values.help) return null;
  if (!values.supergraph) throw wrong('--supergraph names a file or an address.');
  if (values.port === undefined) throw wrong('--port names a port; 0 takes any that is free.');
  const sharing = values['share-in-flight'] ?? 'on';
  if (sharing !== 'on' && sharing !== 'off') throw wrong(`--share-in-flight is on or off, not "${sharing}".`);
  const introspection = values.introspection ?? 'whole';
  if (introspection !== 'whole' && introspection !== 'scoped')
    throw wrong(`--introspection is whole or scoped, not "${introspection}".`);
  const forwardHeaders = (values['forward-header'] ?? []).map((name) => name.toLowerCase());
  for (const name of forwardHeaders) verifyForwardable(name);
  return {
    supergraph: values.supergraph,
    port: portOf('port', values.port),
    shareInFlight: sharing === 'on',
    forwardHeaders,
    streamOver: streamOverOf(values['stream-over'] ?? []),
    maxCost: values['max-cost'] === undefined ? null : countOf(values, 'max-cost'),
    limits: limitsOf(values),
    planner: plannerOf(values.planner ?? 'native'),
    introspection,
    ...(values['subgraph-timeout'] !== undefined ? { subgraphTimeoutMs: countOf(values, 'subgraph-timeout') } : {}),
    ...(values['metrics-port'] === undefined ? {} : { metricsPort: portOf('metrics-port', values['metrics-port']) }),
    ...(values['max-answer-bytes'] !== undefined ? { maxAnswerBytes: countOf(values, 'max-answer-bytes') } : {}),
  };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        supergraph: { type: 'string' },
        port: { type: 'string' },
        'share-in-flight': { type: 'string' },
        'forward-header': { type: 'string', multiple: true },
        'stream-over': { type: 'string', multiple: true },
        'max-cost': { type: 'string' },
        'max-depth': { type: 'string' },
        'max-aliases': { type: 'string' },
        'max-root-fields': { type: 'string' },
        'max-operations': { type: 'string' },
        'max-fragments': { type: 'string' },
        planner: { type: 'string' },
        introspection: { type: 'string' },
        'subgraph-timeout': { type: 'string' },
        'max-answer-bytes': { type: 'string' },
        'metrics-port': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function streamOverOf(texts: readonly string[]): StreamOver {
  const parsed = parseStreamOver(texts);
  if ('problem' in parsed) throw wrong(parsed.problem);
  return parsed.streamOver;
}

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw wrong(`--${name} is a number from 0 to 65535, not "${text}".`);
  return port;
}

function countOf<Name extends string>(values: { readonly [name in Name]?: string | undefined }, name: Name): number {
  const text = values[name] ?? '';
  if (!/^[1-9]\d{0,11}$/.test(text)) throw wrong(`--${name} is a whole number above 0, not "${text}".`);
  return Number(text);
}

/** Options that set a limit of documents. */
const LIMIT_OPTIONS = {
  depth: 'max-depth',
  aliases: 'max-aliases',
  rootFields: 'max-root-fields',
  operations: 'max-operations',
  fragments: 'max-fragments',
} as const;
type LimitOption = keyof typeof LIMIT_OPTIONS;

function limitsOf(values: ReturnType<typeof parse>): Partial<Record<LimitOption, number>> {
  const set: Partial<Record<LimitOption, number>> = {};
  for (const limit of ['depth', 'aliases', 'rootFields', 'operations', 'fragments'] as const) {
    const option = LIMIT_OPTIONS[limit];
    if (values[option] !== undefined) set[limit] = countOf(values, option);
  }
  return set;
}

function plannerOf(text: string): PlannerName {
  const name = PLANNER_NAMES.find((each) => each === text);
  if (!name) throw wrong(`--planner is ${PLANNER_NAMES.join(' or ')}, not "${text}".`);
  return name;
}

function verifyForwardable(name: string): void {
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) throw wrong(`"${name}" is no name of a header.`);
  if (NEVER_FORWARDED.has(name)) throw wrong(`${name} belongs to one connection and is never forwarded.`);
}

function wrong(problem: string): Error {
  return new Error(`${problem}\n\n${ROUTER_USAGE}`);
}
