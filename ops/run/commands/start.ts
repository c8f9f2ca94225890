import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import colors from 'picocolors';
import { runDemo } from '../../demo/demo.ts';
import { type Assembly, assemble } from '../assemble.ts';
import { endLeftovers, startTimeOf } from '../child.ts';
import { buildConsole } from '../console.ts';
import { installDebianPackages } from '../debian.ts';
import { urlsOf } from '../environment.ts';
import { generateClients } from '../generate.ts';
import type { Ground } from '../part.ts';
import { CACHE_DIR, ROOT, STATE_DIR } from '../paths.ts';
import { choosePorts, configuredPorts, describeTaken } from '../ports.ts';
import { openSecrets } from '../secrets.ts';
import { DEMO_EMAILS, passwordOf, SYSTEM_PARTS, SYSTEM_STEPS } from '../system.ts';
import { tokenOf } from './token.ts';

/** `npm start [-- --ports auto] [--reset [--yes]] [--no-demo]`. */
export async function start(args: readonly string[]): Promise<number> {
  const from = Date.now();
  if (args.includes('--reset') && !(await reset(args.includes('--yes')))) return 1;
  const secrets = openSecrets(STATE_DIR);
  const lock = join(STATE_DIR, 'start.json');
  const other = runningStart(lock);
  if (other)
    throw new Error(
      `Assay runs already in this checkout, as process ${other}. Stop it with Ctrl-C in its terminal, or: kill ${other}`,
    );
  writeFileSync(lock, JSON.stringify({ pid: process.pid, started: startTimeOf(process.pid) }), { mode: 0o600 });

  const leftovers = await endLeftovers(STATE_DIR);
  if (leftovers.length > 0) line('leftovers', `ended what an earlier start left running: ${leftovers.join(', ')}`);
  await prepare();
  const ports =
    args[args.indexOf('--ports') + 1] === 'auto'
      ? await choosePorts(configuredPorts(process.env))
      : configuredPorts(process.env);
  const taken = await describeTaken(ports);
  if (taken.length > 0)
    throw new Error(`${taken.join('\n')}\nStop what holds them, or let Assay choose others: npm start -- --ports auto`);
  const ground: Ground = { root: ROOT, stateDir: STATE_DIR, cacheDir: CACHE_DIR, ports, secrets };
  writeFileSync(join(STATE_DIR, 'ports.json'), JSON.stringify(ports));

  const stopped = untilSignal();
  const assembly = await assemble(ground, SYSTEM_PARTS, SYSTEM_STEPS, (part, { running, version, seconds }) =>
    line(part.name, `${version.padEnd(10)} ${running.url.padEnd(30)} ${seconds.toFixed(1)} s`),
  );
  line('ready', `in ${((Date.now() - from) / 1000).toFixed(1)} s`);
  printDoors(ground);
  try {
    const url = `${urlsOf(ground).gateway}/graphql`;
    if (!args.includes('--no-demo') && !(await demoOrSignal(url, ground, stopped))) process.exitCode = 1;
    if (args.includes('--exit')) return Number(process.exitCode ?? 0);
    process.stdout.write(`\n${colors.dim('Ctrl-C stops everything.')}\n`);
    await stopped;
  } finally {
    await stop(assembly);
    rmSync(lock, { force: true });
  }
  return Number(process.exitCode ?? 0);
}

async function demoOrSignal(url: string, ground: Ground, stopped: Promise<void>): Promise<boolean> {
  const demo = runDemo({ url, tokenOf: (email) => tokenOf(ground, email) }).catch((error: unknown) => {
    process.stderr.write(`\nThe demo could not go on: ${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  });
  return Promise.race([demo, stopped.then(() => true)]);
}

/** What has to be there before a part can start. */
async function prepare(): Promise<void> {
  for (const [name, work] of [
    ['debian', installDebianPackages],
    ['clients', generateClients],
    ['console', buildConsole],
  ] as const) {
    const from = Date.now();
    const done = await work();
    const seconds = (Date.now() - from) / 1000;
    if (seconds > 0.3)
      line(
        name,
        `${Array.isArray(done) && done.length > 0 ? `installed ${done.join(', ')}` : 'made'} ${seconds.toFixed(1)} s`,
      );
  }
}

function line(name: string, text: string): void {
  process.stdout.write(`${colors.bold(name.padEnd(13))} ${text}\n`);
}

function printDoors(ground: Ground): void {
  const urls = urlsOf(ground);
  const doors: [string, string][] = [
    ['console', `${urls.gateway}/`],
    ['graphiql', `${urls.gateway}/graphiql`],
    ['graphql', `${urls.gateway}/graphql`],
    ['health', `${urls.gateway}/health/ready`],
    ['metrics', urls.metrics],
    ['edge', urls.edge],
    ['store', urls.store],
    ['openid', urls.issuer],
  ];
  process.stdout.write('\n');
  for (const [name, url] of doors) line(name, url);
  process.stdout.write('\n');
  for (const email of DEMO_EMAILS) {
    const password = process.stdout.isTTY
      ? passwordOf(ground, email)
      : `password in ${join('.assay', 'secrets', `password-${email}`)}`;
    line('account', `${email.padEnd(28)} ${password}`);
  }
}

async function stop(assembly: Assembly): Promise<void> {
  process.stdout.write('\n');
  const from = Date.now();
  await assembly.stop();
  line('stopped', `every part, in ${((Date.now() - from) / 1000).toFixed(1)} s`);
}

/** Resolves at the first signal; a second one changes nothing, since everything is ending already. */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}

function runningStart(lock: string): number | null {
  try {
    const { pid, started } = JSON.parse(readFileSync(lock, 'utf8')) as { pid: number; started: string };
    return started !== '' && startTimeOf(pid) === started ? pid : null;
  } catch {
    return null;
  }
}

async function reset(sure: boolean): Promise<boolean> {
  if (!sure && !process.stdin.isTTY)
    throw new Error('Starting over deletes every asset, licence and audit entry. Say so: npm start -- --reset --yes');
  if (!sure) {
    const asking = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await asking.question(
      'This deletes every asset, licence and audit entry of this checkout. Type "yes" to go on: ',
    );
    asking.close();
    if (answer.trim() !== 'yes') return false;
  }
  await endLeftovers(STATE_DIR);
  rmSync(STATE_DIR, { recursive: true, force: true });
  return true;
}
