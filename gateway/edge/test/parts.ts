import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  CreateBucketCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

const run = promisify(execFile);
const VERSITYGW = process.env.ASSAY_VERSITYGW ?? join(homedir(), '.cache/assay/bin/versitygw');

/** What each process may do in Redis, as the product runs it. */
const ACL = [
  'user default off resetkeys -@all',
  'user root on >root ~* &* +@all',
  'user gateway on >gateway resetchannels -@all +hello +auth +ping +info +set +mget ~grant:* %R~epoch:*',
  'user edge on >edge resetchannels -@all +hello +auth +ping +info +eval +evalsha +get +getdel +set +exists +decrby +pttl +xadd ~grant:* ~lease:* ~redemptions %R~epoch:*',
];

/** A real Redis with the product's durability and ACL, on a port and in a folder of its own. */
export interface RedisPart extends AsyncDisposable {
  readonly port: number;
  urlOf(user: string): string;
  /** As a power cut would: no farewell. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

export async function startRedis(): Promise<RedisPart> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-redis-'));
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async () => {
    child = spawn('redis-server', [join(folder, 'redis.conf')], { stdio: 'ignore' });
    await accepts(port);
  };
  const kill = async () => {
    await ended(child, 'SIGKILL');
    child = undefined;
  };
  const settings = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    'appendonly yes',
    'appendfsync always',
    'save ""',
  ];
  await writeFile(join(folder, 'redis.conf'), [...settings, ...ACL].join('\n'));
  await start();
  return {
    port,
    urlOf: (user) => `redis://${user}:${user}@127.0.0.1:${port}`,
    kill,
    start,
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A real S3 store with the media bucket and the edge's own key, which may only read there. */
export interface StorePart extends AsyncDisposable {
  readonly url: string;
  readonly edge: { readonly key: string; readonly secret: string };
  readonly bucket: string;
  /** @returns the stored version */
  put(key: string, bytes: Uint8Array): Promise<string>;
  stop(): void;
  go(): void;
}

const BUCKET = 'assay-media';

export async function startStore(): Promise<StorePart> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-store-'));
  const [data, versions, iam] = ['data', 'versions', 'iam'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [data, versions, iam]) await mkdir(path);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    VERSITYGW,
    ['--port', `127.0.0.1:${port}`, '--iam-dir', iam, 'posix', '--versioning-dir', versions, data],
    {
      stdio: 'ignore',
      env: { ROOT_ACCESS_KEY: 'root', ROOT_SECRET_KEY: 'rootsecret' },
    },
  );
  await accepts(port);
  const edge = { key: 'edge', secret: 'edgesecret' };
  const admin = ['admin', '--access', 'root', '--secret', 'rootsecret', '--endpoint-url', url, 'create-user'];
  await run(VERSITYGW, [...admin, '--access', edge.key, '--secret', edge.secret, '--role', 'user']);
  const client = new S3Client({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'root', secretAccessKey: 'rootsecret' },
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await client.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }));
  await client.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: JSON.stringify(readOnly(edge.key)) }));
  return {
    url,
    edge,
    bucket: BUCKET,
    put: async (key, bytes) => {
      const { VersionId } = await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: bytes }));
      return VersionId ?? '';
    },
    stop: () => child.kill('SIGSTOP'),
    go: () => child.kill('SIGCONT'),
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await ended(child, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function readOnly(user: string) {
  const Action = ['s3:GetObject', 's3:GetObjectVersion'];
  return {
    Statement: [{ Effect: 'Allow', Principal: { AWS: [user] }, Action, Resource: [`arn:aws:s3:::${BUCKET}/*`] }],
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function accepts(port: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await sleep(20);
  }
  throw new Error(`nothing listens on port ${port}`);
}

async function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await exit;
}
