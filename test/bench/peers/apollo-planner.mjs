// @apollo/query-planner by itself: a line in, every operation planned anew, what it took out. Run from the folder
// where it is installed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(`${process.cwd()}/`));
const { parse } = require('graphql');
const { QueryPlanner } = require('@apollo/query-planner');
const { operationFromDocument, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } =
  require('@apollo/federation-internals');

const [, , file, operations] = process.argv;
// @apollo/gateway refuses directives of access in a supergraph; its planner, as the router has it, plans past them.
const supergraph = Supergraph.build(readFileSync(file, 'utf8'), {
  supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  validateSupergraph: false,
});
const planner = new QueryPlanner(supergraph);
const schema = supergraph.apiSchema();
const documents = JSON.parse(readFileSync(operations, 'utf8')).map((text) => parse(text));

for await (const _turn of createInterface(process.stdin)) {
  const times = [];
  const before = process.cpuUsage();
  for (const document of documents) {
    const from = performance.now();
    const { node } = planner.buildQueryPlan(operationFromDocument(schema, document, { validate: false }));
    times.push(performance.now() - from);
    if (!node) throw new Error('Nothing was planned.');
  }
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${JSON.stringify({ cpuMs: (user + system) / 1_000, times })}\n`);
}
