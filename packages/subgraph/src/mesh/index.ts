export { type Credentials, type WatchedCredentials, watchCredentials } from './credentials.ts';
export { meshNameOf } from './names.ts';
export { EVENT_STREAM, HEADERS } from './protocol.ts';
export { openRedisSpentTokens, type RedisSpentTokens } from './redis-spent-tokens.ts';
export { type OpenSubgraph, type Report, runSubgraph } from './run.ts';
export { type RunningSubgraph, type ServeOptions, serveSubgraph } from './serve.ts';
