import { connect, type Socket } from 'node:net';
import { quantileOf } from './result.ts';

export interface Load {
  readonly answers: number;
  readonly seconds: number;
  /** Milliseconds from a request's first byte to its answer's last. */
  readonly p99: number;
}

/** GraphQL requests that are alike to the door: they take turns. */
export interface Post {
  readonly url: string;
  /** None: nobody asks. */
  readonly token?: string;
  readonly requests: readonly PostedRequest[];
}

/** A document by its text, or by its identifier. */
type PostedRequest = ({ readonly query: string } | { readonly documentId: string }) & {
  readonly variables?: Readonly<Record<string, unknown>>;
};

/**
 * Posts requests over keep-alive connections that ask again as soon as they are answered. Raw sockets, so that the load costs
 * little of the machine that it shares with what it measures.
 *
 * @param seconds after which nothing more is asked
 * @param lengths of the answers, in the order of the requests
 * @throws Error for an answer that is not 200, or that is longer or shorter than it has to be
 */
export async function post(
  post: Post,
  connections: number,
  seconds: number,
  lengths: readonly number[],
): Promise<Load> {
  const bytes = post.requests.map((request) => bytesOf(post, JSON.stringify(request)));
  const { port } = new URL(post.url);
  const from = performance.now();
  const until = from + seconds * 1_000;
  const times: number[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(Number(port), '127.0.0.1');
      try {
        while (performance.now() < until) {
          const turn = next++ % bytes.length;
          const asked = performance.now();
          const { status, body } = await ask(socket, bytes[turn] ?? Buffer.alloc(0));
          if (status !== 200 || body.length !== lengths[turn])
            throw new Error(`${status}, ${body.length} bytes, not ${lengths[turn]}: ${body.toString('utf8', 0, 500)}`);
          times.push(performance.now() - asked);
        }
      } finally {
        socket.destroy();
      }
    }),
  );
  return { answers: times.length, seconds: (performance.now() - from) / 1_000, p99: quantileOf(times, 0.99) };
}

/** One answer to each request, one after the other. */
export async function answersTo(post: Post): Promise<readonly string[]> {
  const socket = connect(Number(new URL(post.url).port), '127.0.0.1');
  try {
    const answers: string[] = [];
    for (const request of post.requests)
      answers.push((await ask(socket, bytesOf(post, JSON.stringify(request)))).body.toString());
    return answers;
  } finally {
    socket.destroy();
  }
}

function bytesOf({ url, token }: Post, text: string): Buffer {
  const body = Buffer.from(text);
  const head = [
    'POST /graphql HTTP/1.1',
    `Host: ${new URL(url).host}`,
    ...(token ? [`Authorization: Bearer ${token}`] : []),
    'Content-Type: application/json',
    'Accept: application/json',
    `Content-Length: ${body.length}`,
    '\r\n',
  ].join('\r\n');
  return Buffer.concat([Buffer.from(head), body]);
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n');

/** One request, one answer: of the length that it says, or in chunks. */
function ask(socket: Socket, bytes: Buffer): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let received = 0;
    let wanted = 0;
    const leave = () => socket.off('data', take).off('error', fail).off('close', gone);
    const fail = (error: Error) => {
      leave();
      reject(error);
    };
    const gone = () => fail(new Error('The server hung up.'));
    const take = (chunk: Buffer) => {
      parts.push(chunk);
      received += chunk.length;
      // A long answer is put together once, when all of it is there.
      if (received < wanted) return;
      const all = Buffer.concat(parts);
      const answer = readAnswer(all);
      if ('body' in answer) {
        leave();
        return resolve(answer);
      }
      wanted = answer.wanted;
      parts.splice(0, parts.length, all);
    };
    socket.on('data', take).on('error', fail).on('close', gone);
    socket.write(bytes);
  });
}

/** The answer when all of it is there; otherwise how many bytes that will be, 0 when nothing says it yet. */
function readAnswer(all: Buffer): { status: number; body: Buffer } | { wanted: number } {
  const end = all.indexOf(HEAD_END);
  if (end === -1) return { wanted: 0 };
  const head = all.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  const from = end + HEAD_END.length;
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined)
    return all.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)
      ? { status, body: dechunked(all.subarray(from)) }
      : { wanted: 0 };
  const wanted = from + Number(length);
  return all.length < wanted ? { wanted } : { status, body: all.subarray(from) };
}

/** RFC 9112, section 7.1. */
function dechunked(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, end), 16);
    if (!(size > 0)) return Buffer.concat(chunks);
    chunks.push(body.subarray(end + 2, end + 2 + size));
    at = end + 4 + size;
  }
}
