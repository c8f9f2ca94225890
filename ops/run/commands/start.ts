import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runDemo } from '../../demo/demo.ts';
import { type Assembly, assemble, type Watch } from '../assemble.ts';
import { printDoors } from '../doors.ts';
import { parseElsewhere } from '../elsewhere.ts';
import { endOnSignals } from '../ending.ts';
import { readEnv } from '../env.ts';
import { SUBGRAPHS, urlsOf } from '../environment.ts';
import { openGround, portsFileOf } from '../ground.ts';
import { install } from '../install.ts';
import { claimName, endLeftovers } from '../leftovers.ts';
import { type Ground, PORT_NAMES, type PortName, type Ports } from '../part.ts';
import { STATE_DIR } from '../paths.ts';
import { choosePorts, configuredPorts, describeTaken } from '../ports.ts';
import { createProgress, type Progress, secondsSince } from '../progress.ts';
import { resetState } from '../reset.ts';
import { START_NAME } from '../running.ts';
import { parseSettings } from '../settings.ts';
import { supervise } from '../supervise.ts';
import { SYSTEM_STEPS, systemParts } from '../system.ts';
import { parseStartOptions, type StartOptions } from './start-options.ts';
import { tokenOf } from './token.ts';

/** `npm start`. Stays until it is told to end, and leaves nothing running. @returns 1 when the demo was not as expected */
export async function start(args: readonly string[]): Promise<number> {
  const options = parseStartOptions(args);
  using ending = endOnSignals();
  using progress = createProgress();
  const claim = claimName(STATE_DIR, START_NAME);
  if (typeof claim === 'number')
    throw new Error(
      `Assay runs already in this checkout, as process ${claim}. Stop it with Ctrl-C in its terminal, or: kill ${claim}`,
    );
  try {
    if (options.reset && !(await resetState(STATE_DIR, options.yes, START_NAME))) return 1;
    const leftovers = await endLeftovers(STATE_DIR, START_NAME);
    if (leftovers.length > 0)
      progress.line('leftovers', `ended what an earlier start left running: ${leftovers.join(', ')}`);
    return await run(options, ending.signal, progress);
  } catch (error) {
    if (!ending.signal.aborted) throw error;
    progress.line('stopped', 'before everything was up');
    return 130;
  } finally {
    claim();
  }
}

async function run(options: StartOptions, ending: AbortSignal, progress: Progress): Promise<number> {
  const from = Date.now();
  const ground = await openOwnGround(options, ending);
  const parts = systemParts(ground);
  await install(ground, parts, progress);
  const watch = watchOf(progress);
  const assembly = await assemble(ground, parts, SYSTEM_STEPS, watch);
  const supervision = new AbortController();
  supervise(assembly, parts, watch, AbortSignal.any([supervision.signal, ending]));
  progress.line('ready', `in ${secondsSince(from)}`);
  try {
    const asExpected = await demoOnce(ground, options, ending);
    printDoors(ground);
    if (!options.exit) await untilAborted(ending);
    return asExpected ? 0 : 1;
  } finally {
    supervision.abort();
    await stop(assembly, progress);
  }
}

/** @throws Error that says who holds which port */
async function openOwnGround(options: StartOptions, ending: AbortSignal): Promise<Ground> {
  const env = readEnv();
  const elsewhere = parseElsewhere(env);
  const wished = configuredPorts(env);
  const ports: Ports = options.ports === 'auto' ? await choosePorts(wished) : wished;
  const ground = openGround({
    stateDir: STATE_DIR,
    ports,
    elsewhere,
    settings: parseSettings(env),
    ending,
    topology: options.topology,
  });
  const taken = await describeTaken(ports, portsUsed(ground));
  if (taken.length > 0)
    throw new Error(`${taken.join('\n')}\nStop what holds them, or let Assay choose others: npm start -- --ports auto`);
  writeFileSync(portsFileOf(STATE_DIR), JSON.stringify(ports), { mode: 0o600 });
  return ground;
}

/** Those on which a part of this system will listen. */
function portsUsed(ground: Ground): PortName[] {
  const unused = new Set<string>(
    systemParts(ground).flatMap((part) => (part.elsewhere?.(ground) === undefined ? [] : [part.name])),
  );
  if (ground.topology === 'single') for (const name of SUBGRAPHS) unused.add(name);
  if (unused.has('edge')) unused.add('edge_metrics');
  return PORT_NAMES.filter((name) => !unused.has(name === 'worker' ? 'intake' : name));
}

function watchOf(progress: Progress): Watch {
  return {
    starting: progress.begin,
    started: ({ name }, { running, version, seconds }) => {
      progress.end(name);
      progress.line(name, `${version.padEnd(10)} ${running.url.padEnd(30)} ${seconds.toFixed(1)} s`);
    },
    finished: progress.end,
    lost: ({ name }, { code, signal }) =>
      progress.line(
        name,
        `ended by itself (${signal ?? `code ${code}`}); it is started again, its log is .assay/logs/${name}.1.log`,
      ),
    back: ({ name }, { seconds }) => progress.line(name, `answers again, after ${seconds.toFixed(1)} s`),
  };
}

/** The demo, at the first start of a state; later ones say how to see it again. @returns whether it was as expected */
async function demoOnce(ground: Ground, { demo }: StartOptions, ending: AbortSignal): Promise<boolean> {
  const shown = join(ground.stateDir, 'demo-shown');
  if (demo === 'never') return true;
  if (demo === 'once' && existsSync(shown)) {
    process.stdout.write('\nThe demo ran at the first start; to see it again: npm run demo\n');
    return true;
  }
  const work = runDemo({
    url: `${urlsOf(ground).gateway}/graphql`,
    tokenOf: (email) => tokenOf(ground, email),
  }).catch((error: unknown) => {
    process.stderr.write(`\nThe demo could not go on: ${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  });
  const asExpected = await Promise.race([work, untilAborted(ending).then(() => true)]);
  if (asExpected && !ending.aborted) writeFileSync(shown, new Date().toISOString(), { mode: 0o600 });
  return asExpected;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function stop(assembly: Assembly, progress: Progress): Promise<void> {
  const from = Date.now();
  process.stdout.write('\n');
  await assembly.stop();
  progress.line('stopped', `every part, in ${secondsSince(from)}`);
}
