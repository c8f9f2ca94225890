// The product's router as `npm run router` starts it.

import { startRouter } from '@assay/gateway/router/router';
import { announceReady } from '@assay/telemetry';

const env = process.env;
const router = await startRouter({
  supergraph: env['BENCH_SUPERGRAPH'] ?? '',
  port: 0,
  shareInFlight: env['BENCH_SHARED'] === 'on',
  forwardHeaders: [],
  maxCost: null,
});
announceReady('router', router.url);
process.once('SIGTERM', () => process.exit(0));
