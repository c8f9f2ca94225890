import { type Credentials, meshNameOf, type WatchedCredentials } from '@assay/subgraph/mesh';
import { Pool } from 'undici';

/** One subgraph of the mesh, as this process reaches it. */
export interface Peer extends AsyncDisposable {
  readonly name: string;
  /** Connections for questions: HTTP/1.1, kept, one question at a time. */
  readonly questions: () => Pool;
  /** Connections for streams: HTTP/2, so that a hundred streams are one connection. */
  readonly streams: () => Pool;
}

export interface PeerOptions {
  /** The process, by the name that its certificate has to bear. */
  readonly name: string;
  readonly url: URL;
  readonly credentials: WatchedCredentials;
}

const PATIENCE_MS = 20_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_CONNECTIONS = 64;
const MAX_STREAM_CONNECTIONS = 128;
/** What each may hold unread stays together below what Node lets one session hold, beyond which it opens no further stream. */
const STREAMS_A_CONNECTION = 100;
/** What a stream is sent beyond what was read of it. */
const UNREAD_BYTES = 64 * 1024;
/** A stream says every five seconds that it is there. */
const SILENCE_MS = 15_000;

/**
 * Opens connections to a subgraph as they are needed, with this process's certificate; the other end has to show the subgraph's own.
 * With each renewal new connections take the place of the old ones, which end when what is under way on them has.
 */
export function openPeer({ name, url, credentials }: PeerOptions): Peer {
  const open = (now: Credentials): Pools => {
    const connect = { ...now, servername: meshNameOf(name), minVersion: 'TLSv1.3' as const };
    return {
      questions: new Pool(url.origin, {
        connect,
        allowH2: false,
        connections: MAX_CONNECTIONS,
        headersTimeout: PATIENCE_MS,
        bodyTimeout: PATIENCE_MS,
        maxResponseSize: MAX_ANSWER_BYTES,
      }),
      streams: new Pool(url.origin, {
        connect,
        allowH2: true,
        connections: MAX_STREAM_CONNECTIONS,
        h2Options: { maxConcurrentStreams: STREAMS_A_CONNECTION, settings: { initialWindowSize: UNREAD_BYTES } },
        headersTimeout: PATIENCE_MS,
        bodyTimeout: SILENCE_MS,
      }),
    };
  };
  let pools = open(credentials.current());
  const old = new Set<Pools>();
  credentials.onRenewal((renewed) => {
    const last = pools;
    pools = open(renewed);
    old.add(last);
    void Promise.allSettled([last.questions.close(), last.streams.close()]).then(() => old.delete(last));
  });
  return {
    name,
    questions: () => pools.questions,
    streams: () => pools.streams,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([pools, ...old].flatMap(({ questions, streams }) => [questions.destroy(), streams.destroy()]));
    },
  };
}

interface Pools {
  readonly questions: Pool;
  readonly streams: Pool;
}
