import type { Evidence, Stage } from './evidence.ts';
import type { Picture } from './picture.ts';
import type { EarlierEvidence, IntakeAsset, IntakePorts, Readings } from './ports.ts';
import { classify } from './stages/classify.ts';
import { inspect } from './stages/inspect.ts';
import { match } from './stages/match.ts';
import { readOnce } from './stages/read.ts';
import { receive } from './stages/receive.ts';
import { scan } from './stages/scan.ts';
import { sniff } from './stages/sniff.ts';

/** What is kept as the pipeline goes: each stage's evidence, the moment it is there. */
export type KeepEvidence = (evidence: Evidence, found: Found) => Promise<void>;

/** What the stages learned of the content besides their verdicts. */
export interface Found {
  readonly readings: Readings | null;
  readonly picture: Picture | null;
}

/**
 * From bytes to evidence: one line a stage. SNIFF and SCAN both always run; nothing decodes bytes that failed RECEIVE, SNIFF or
 * SCAN. Evidence of an earlier run about the same bytes is kept; what was UNKNOWN is asked again.
 *
 * @param enter is told before a stage begins, so that the asset's state follows
 * @returns all evidence there is now, ready for {@link decide}
 */
export async function runIntake(
  asset: IntakeAsset,
  ports: IntakePorts,
  earlier: EarlierEvidence,
  enter: (state: 'SCANNING' | 'INSPECTING' | 'CLASSIFYING') => Promise<void>,
  keep: KeepEvidence,
): Promise<{ readonly evidence: ReadonlyMap<Stage, Evidence>; readonly found: Found }> {
  const evidence = new Map<Stage, Evidence>([...earlier].filter(([, { verdict }]) => verdict !== 'UNKNOWN'));
  let found: Found = { readings: null, picture: null };
  const passed = (...stages: Stage[]) => stages.every((stage) => evidence.get(stage)?.verdict === 'PASS');
  const run = async (stage: Stage, make: () => Promise<Evidence>) => {
    if (evidence.has(stage)) return;
    const made = await make();
    evidence.set(stage, made);
    await keep(made, found);
  };

  await enter('SCANNING');
  const readings = await readOnce(asset, ports);
  found = { ...found, readings };
  await run('RECEIVE', async () => receive(asset, ports, readings));
  await run('SNIFF', async () => sniff(readings));
  await run('SCAN', async () => scan(readings));
  if (!passed('RECEIVE', 'SNIFF', 'SCAN')) return { evidence, found };

  await enter('INSPECTING');
  const inspected = await inspect(asset, ports, readings);
  found = { ...found, picture: inspected.picture };
  await run('INSPECT', async () => inspected.evidence);
  const { picture } = inspected;
  if (!passed('INSPECT') || !picture) return { evidence, found };

  await enter('CLASSIFYING');
  await run('MATCH', () => match(asset, ports, readings));
  await run('CLASSIFY', () => classify(asset, ports, readings, picture));
  return { evidence, found };
}
