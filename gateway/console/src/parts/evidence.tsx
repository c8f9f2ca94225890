import { Badge } from './feedback.tsx';

interface EvidenceRow {
  readonly stage: string;
  readonly verdict: string;
  readonly tool?: string | null;
  readonly toolVersion?: string | null;
  readonly dataVersion?: string | null;
  readonly durationMs: number;
  readonly findings: readonly {
    readonly code: string;
    readonly detail?: string | null;
    readonly score?: number | null;
  }[];
}

/** What each stage found, with what tool. */
export function EvidenceTable({ evidence }: { readonly evidence: readonly EvidenceRow[] }) {
  return (
    <div className="scroll">
      <table>
        <caption>Evidence</caption>
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">Verdict</th>
            <th scope="col">Tool</th>
            <th scope="col">Findings</th>
            <th scope="col">Time</th>
          </tr>
        </thead>
        <tbody>
          {evidence.map((row) => (
            <tr key={row.stage}>
              <th scope="row">{row.stage.toLowerCase()}</th>
              <td>
                <Badge value={row.verdict} />
              </td>
              <td>{[row.tool, row.toolVersion, row.dataVersion].filter(Boolean).join(' ') || '–'}</td>
              <td>
                {row.findings
                  .map(({ code, detail, score }) => [code, detail, score?.toFixed(3)].filter(Boolean).join(' '))
                  .join('; ') || '–'}
              </td>
              <td>{row.durationMs} ms</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
