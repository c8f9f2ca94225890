import type { Evidence, Stage } from './evidence.ts';
import type { Picture } from './picture.ts';
import type { EarlierEvidence, IntakeAsset, IntakePorts, Readings } from './ports.ts';
import { classify } from './stages/classify.ts';
import { inspect } from './stages/inspect.ts';
import { match } from './stages/match.ts';
import { readOnce } from './stages/read.ts';
import { receive, unread } from './stages/receive.ts';
import { scan } from './stages/scan.ts';
import { sniff } from './stages/sniff.ts';

/** Keeps the evidence that was made since the last time, and takes the asset to the next state, in one step. */
export type GoOn = (
  state: 'SCANNING' | 'INSPECTING' | 'CLASSIFYING',
  made: readonly Evidence[],
  found: Found,
) => Promise<void>;

/** What the stages learned of the content besides their verdicts. */
export interface Found {
  readonly readings: Readings | null;
  readonly picture: Picture | null;
}

/** All evidence there is now, ready for {@link decide}, and what of it nobody has kept yet. */
export interface Intake {
  readonly evidence: ReadonlyMap<Stage, Evidence>;
  readonly made: readonly Evidence[];
  readonly found: Found;
}

/**
 * From bytes to evidence: one line a stage. SNIFF and SCAN both always run, and so do MATCH and CLASSIFY; nothing decodes bytes
 * that failed RECEIVE, SNIFF or SCAN. Evidence of an earlier run about the same bytes is kept; what was UNKNOWN is asked again.
 *
 * @param goOn is called before a stage begins that has a state of its own
 */
export async function runIntake(
  asset: IntakeAsset,
  ports: IntakePorts,
  earlier: EarlierEvidence,
  goOn: GoOn,
): Promise<Intake> {
  const evidence = new Map<Stage, Evidence>([...earlier].filter(([, { verdict }]) => verdict !== 'UNKNOWN'));
  let made: Evidence[] = [];
  let found: Found = { readings: null, picture: null };
  const passed = (...stages: Stage[]) => stages.every((stage) => evidence.get(stage)?.verdict === 'PASS');
  const answer = (...answers: Evidence[]) => {
    for (const each of answers.filter(({ stage }) => !evidence.has(stage))) {
      evidence.set(each.stage, each);
      made.push(each);
      ports.observe(each);
    }
  };
  const enter = async (state: Parameters<GoOn>[0]) => {
    await goOn(state, made, found);
    made = [];
  };
  const result = () => ({ evidence, made, found });

  await enter('SCANNING');
  const readings = await readOnce(asset, ports);
  if ('unread' in readings) {
    answer(unread(readings));
    return result();
  }
  found = { ...found, readings };
  answer(receive(asset, ports, readings), sniff(readings), scan(readings));
  if (!passed('RECEIVE', 'SNIFF', 'SCAN')) return result();

  await enter('INSPECTING');
  const { evidence: inspected, picture } = await inspect(asset, ports, readings);
  found = { ...found, picture };
  answer(inspected);
  if (!passed('INSPECT') || !picture) return result();

  await enter('CLASSIFYING');
  const opinions = [
    evidence.get('MATCH') ?? match(asset, ports, readings),
    evidence.get('CLASSIFY') ?? classify(asset, ports, readings, picture),
  ];
  answer(...(await Promise.all(opinions)));
  return result();
}
