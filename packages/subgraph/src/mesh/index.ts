export { type Credentials, type WatchedCredentials, watchCredentials } from './credentials.ts';
export { meshNameOf } from './names.ts';
export { HEADERS } from './protocol.ts';
export { type RunningSubgraph, type ServeOptions, serveSubgraph } from './serve.ts';
