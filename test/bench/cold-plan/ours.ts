// Our engine with the planners that the product opens: a line in, every operation planned anew, what it took out.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createEngine, openPlanner } from '@assay/gateway/engine/index';
import { parse } from 'graphql';

const [, , supergraph = '', operations = ''] = process.argv;
const supergraphSdl = readFileSync(supergraph, 'utf8');
const engine = createEngine({
  supergraphSdl,
  planner: openPlanner(supergraphSdl, { name: 'native', report: (line) => process.stderr.write(`${line}\n`) }),
  transports: {},
});
const documents = JSON.parse(readFileSync(operations, 'utf8')).map((text: string) => parse(text));

for await (const _turn of createInterface(process.stdin)) {
  const times: number[] = [];
  const before = process.cpuUsage();
  for (const document of documents) {
    const from = performance.now();
    engine.verifyPlans(document);
    times.push(performance.now() - from);
  }
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${JSON.stringify({ cpuMs: (user + system) / 1_000, times })}\n`);
}
