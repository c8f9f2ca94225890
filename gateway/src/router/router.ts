import { createServer } from 'node:http';
import { createLog } from '@assay/telemetry';
import type { RequestFacts } from '../access/port.ts';
import { createAdmit, DEFAULT_MANNERS } from '../admission.ts';
import { startApollo } from '../apollo.ts';
import { createDocuments } from '../documents.ts';
import { answerGraphql } from '../doors/graphql.ts';
import { createHealth, isHealthPath } from '../doors/health.ts';
import { createEngine, createShareInFlight, openPlanner } from '../engine/index.ts';
import { createPresentError } from '../errors.ts';
import { createCosts } from '../limits/cost/cost.ts';
import { ANYBODYS_COST_RULES } from '../limits/cost/rules.ts';
import { DEFAULT_LIMITS } from '../limits/limits.ts';
import { close, listenLocally } from '../listen.ts';
import { createFindDocument } from '../persisted/find.ts';
import { createPipeline, type Route } from '../pipeline.ts';
import { DEFAULT_DEADLINE_MS, endWithRequest } from '../request-time.ts';
import { resilient } from '../resilience.ts';
import { createHttpTransport, type RouterContext } from './http-transport.ts';
import type { RouterOptions } from './options.ts';
import { readSupergraph } from './supergraph.ts';

/** A router that answers. */
export interface RunningRouter extends AsyncDisposable {
  /** Such as `http://localhost:4100`; GraphQL is at `/graphql`. */
  readonly url: string;
  /** Names of the subgraphs that it asks. */
  readonly subgraphs: readonly string[];
}

/**
 * Starts the engine over a supergraph of anybody's: client, door, engine, subgraphs over HTTP. Who asks is nobody's business here;
 * subgraphs get of the client's headers what is named, and nothing else.
 *
 * @throws Error when the supergraph cannot be read, planned with, or the port is taken
 */
export async function startRouter(options: RouterOptions): Promise<RunningRouter> {
  const { sdl, subgraphs } = await readSupergraph(options.supergraph);
  await using stack = new AsyncDisposableStack();
  const share = createShareInFlight<RouterContext>(classOf);
  const transports = Object.fromEntries(
    Object.entries(subgraphs).map(([name, url]) => {
      const transport = resilient(
        stack.use(
          createHttpTransport({ url, patienceMs: options.subgraphTimeoutMs, maxAnswerBytes: options.maxAnswerBytes }),
        ),
      );
      // Alone, a fetch ends with its request by itself.
      return [name, options.shareInFlight ? endWithRequest(share(name, transport)) : transport];
    }),
  );
  const log = createLog('router');
  const planner = openPlanner(sdl, {
    name: options.planner ?? 'native',
    report: (line, err) => log.warn({ err }, line),
  });
  const engine = createEngine<RouterContext>({
    supergraphSdl: sdl,
    planner,
    transports,
    classOf,
    introspection: options.introspection,
  });
  const present = createPresentError(log);
  const costRules = { ...ANYBODYS_COST_RULES, maximum: options.maxCost };
  const documents = createDocuments(engine.schema, DEFAULT_LIMITS, createCosts(sdl, engine.schema, costRules));
  const server = await startApollo(engine, sdl, present, DEFAULT_LIMITS);
  stack.defer(() => server.stop());
  const findDocument = createFindDocument(documents);
  const admit = createAdmit(DEFAULT_MANNERS);
  const askerOf = async (facts: RequestFacts) => ({
    context: { headers: forwarded(facts, options.forwardHeaders) },
    subject: null,
  });
  const hosts = new Set<string>();
  const pipeline = createPipeline({
    hosts,
    routes: routesOf((...request) =>
      answerGraphql(
        { server, findDocument, admit, rates: null, deadlineMs: DEFAULT_DEADLINE_MS, maxBatch: 0, askerOf, present },
        ...request,
      ),
    ),
    report: (err, { requestId }) => log.error({ err, requestId }, 'the door failed'),
  });
  const { port, servers } = await listenLocally(() => createServer((...pair) => void pipeline(...pair)), options.port);
  stack.defer(async () => void (await Promise.all(servers.map(close))));
  for (const name of ['localhost', '127.0.0.1', '[::1]']) hosts.add(new URL(`http://${name}:${port}`).host);
  const held = stack.move();
  return {
    url: `http://localhost:${port}`,
    subgraphs: Object.keys(subgraphs),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function routesOf(graphql: Route['answer']): readonly Route[] {
  // What could be missing was there when it started: a router that listens can plan.
  const health = createHealth({});
  return [
    { matches: (path) => path === '/graphql', answer: graphql },
    { matches: isHealthPath, answer: (_facts, ...pair) => health.answer(...pair) },
  ];
}

/** Who brings the same headers to the subgraphs is one to them. */
function classOf({ headers }: RouterContext): string {
  return JSON.stringify(headers);
}

function forwarded({ headers }: RequestFacts, names: readonly string[]): Record<string, string> {
  const chosen: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) chosen[name] = value;
  }
  return chosen;
}
