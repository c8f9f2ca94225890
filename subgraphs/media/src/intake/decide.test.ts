import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { type Evidence, type FindingCode, type Stage, sealEvidence, type Verdict } from './evidence.ts';
import type { IntakePolicy } from './ports.ts';

const policy: IntakePolicy = { version: '1', maxSizeBytes: 1, maxPixels: 1, required: [], limits: [] };
const at = new Date(0);

function evidence(changes: Partial<Record<Stage, [Verdict | 'absent', FindingCode?]>>): Map<Stage, Evidence> {
  const stages: Stage[] = ['RECEIVE', 'SNIFF', 'SCAN', 'INSPECT', 'MATCH', 'CLASSIFY'];
  return new Map(
    stages.flatMap((stage) => {
      const [verdict, code] = changes[stage] ?? ['PASS'];
      if (verdict === 'absent') return [];
      const findings = code ? [{ code }] : [];
      return [
        [
          stage,
          sealEvidence(stage, { verdict, tool: 't', toolVersion: '1', dataVersion: null, findings }, at, at, ''),
        ] as const,
      ];
    }),
  );
}

describe('a decision', () => {
  it('opens an asset only when every stage passed', () => {
    expect(decide(evidence({}), policy, false)).toEqual({ state: 'RENDERING', reasons: [], deleteBytes: false });
  });

  it('sends an asset to a person when a label that the tenant requires was not looked for', () => {
    const strict = { ...policy, required: ['adult', 'violence'] };
    const classified = (...labels: string[]) => {
      const findings = labels.map((detail) => ({ code: 'CLASS' as const, detail, score: 0 }));
      const seen = { verdict: 'PASS' as const, tool: 't', toolVersion: '1', dataVersion: null, findings };
      return evidence({}).set('CLASSIFY', sealEvidence('CLASSIFY', seen, at, at, ''));
    };
    expect(decide(classified('adult'), strict, false)).toMatchObject({ state: 'QUARANTINED', reasons: ['REVIEW'] });
    expect(decide(classified('adult', 'violence'), strict, false)).toMatchObject({ state: 'RENDERING' });
  });

  it.each(['RECEIVE', 'SNIFF', 'SCAN', 'INSPECT', 'MATCH', 'CLASSIFY'] as const)(
    'never takes missing or unknown %s for a pass',
    (stage) => {
      for (const verdict of ['UNKNOWN', 'absent'] as const) {
        expect(decide(evidence({ [stage]: [verdict] }), policy, false)).toEqual({ state: 'RETRY', stages: [stage] });
        expect(decide(evidence({ [stage]: [verdict] }), policy, true)).toMatchObject({
          state: 'QUARANTINED',
          reasons: ['REVIEW'],
        });
      }
    },
  );

  it('deletes what is not what was announced', () => {
    expect(decide(evidence({ RECEIVE: ['FAIL'] }), policy, false)).toEqual({
      state: 'REJECTED',
      reasons: ['CHECKSUM_MISMATCH'],
      deleteBytes: true,
    });
  });

  it('quarantines malware whatever the type says', () => {
    expect(
      decide(evidence({ SCAN: ['FAIL', 'SIGNATURE'], SNIFF: ['FAIL', 'OTHER_TYPE'] }), policy, false),
    ).toMatchObject({ state: 'QUARANTINED', reasons: ['MALWARE'] });
  });

  it('waits for the scanner before it rejects a type', () => {
    const half = evidence({
      SNIFF: ['FAIL', 'OTHER_TYPE'],
      SCAN: ['UNKNOWN'],
      INSPECT: ['absent'],
      MATCH: ['absent'],
      CLASSIFY: ['absent'],
    });
    expect(decide(half, policy, false)).toMatchObject({ state: 'RETRY' });
    expect(decide(half, policy, true)).toMatchObject({ state: 'QUARANTINED', reasons: ['REVIEW'] });
  });

  it.each([
    ['SNIFF', 'OTHER_TYPE', 'REJECTED', 'TYPE_MISMATCH'],
    ['SNIFF', 'UNDECODABLE', 'REJECTED', 'UNREADABLE'],
    ['INSPECT', 'UNDECODABLE', 'REJECTED', 'UNREADABLE'],
    ['INSPECT', 'TOO_MANY_PIXELS', 'REJECTED', 'TOO_LARGE'],
    ['MATCH', 'BLOCK_LISTED', 'QUARANTINED', 'CONTENT_POLICY'],
    ['CLASSIFY', 'CLASS', 'QUARANTINED', 'CONTENT_POLICY'],
  ] as const)('%s with %s leads to %s, and tells the owner %s', (stage, code, state, reason) => {
    expect(decide(evidence({ [stage]: ['FAIL', code] }), policy, false)).toMatchObject({ state, reasons: [reason] });
  });
});
