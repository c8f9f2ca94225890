// The storefront's four subgraphs over rows in memory, behind one port. They let everybody in: what a gateway does is measured.

import { serveSubgraphs } from '../gateways/subgraph-server.ts';
import { memorySchema, SUBGRAPH_NAMES } from '../store-query/memory.ts';

serveSubgraphs(new Map(SUBGRAPH_NAMES.map((name) => [name, memorySchema(name)])));
