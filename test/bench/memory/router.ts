// The product's router, and a door by which it tells of its heap.

import { openHeapDoor } from './heap.ts';

openHeapDoor(process.env['BENCH_HEAP_DOOR'] ?? '');
await import('../gateways/router.ts');
