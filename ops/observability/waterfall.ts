import type { SeenSpan } from './receiver.ts';

const WIDTH = 1_200;
const NAMES = 430;
const TIMES = 70;
const ROW = 20;
const HEAD = 58;
const INDENT = 12;
/** One a part, in the order in which the parts appear; readable on white. */
const COLOURS = ['#2f6fde', '#d9480f', '#2b8a3e', '#ae3ec9', '#0b7285', '#a61e4d', '#846200', '#495057'];

/** Draws one trace as SVG: a line a span, below its parent, over the time of all. @param spans of one trace */
export function drawWaterfall(spans: readonly SeenSpan[]): string {
  const rows = inTreeOrder(spans);
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const endMs = Math.max(...spans.map((span) => span.startMs + span.durationMs));
  const parts = [...new Set(rows.map(({ span }) => span.part))];
  const colourOf = (part: string) => COLOURS[parts.indexOf(part) % COLOURS.length] ?? '#495057';
  const scale = (WIDTH - NAMES - TIMES) / Math.max(endMs - startMs, 0.001);
  const height = HEAD + rows.length * ROW + 12;
  const legend = parts.map(
    (part, nth) =>
      `<rect x="${16 + nth * 110}" y="36" width="10" height="10" fill="${colourOf(part)}"/><text x="${31 + nth * 110}" y="45">${escaped(part)}</text>`,
  );
  const drawn = rows.map(({ span, depth }, nth) => {
    const y = HEAD + nth * ROW;
    const x = NAMES + (span.startMs - startMs) * scale;
    const width = Math.max(span.durationMs * scale, 1.5);
    const name = `<text x="${16 + depth * INDENT}" y="${y + 14}">${escaped(span.name)}</text>`;
    const bar = `<rect x="${x.toFixed(1)}" y="${y + 4}" width="${width.toFixed(1)}" height="${ROW - 8}" rx="2" fill="${colourOf(span.part)}"${span.isFailed ? ' stroke="#c92a2a" stroke-width="2"' : ''}/>`;
    const time = `<text class="time" x="${WIDTH - 12}" y="${y + 14}">${shown(span.durationMs)}</text>`;
    const stripe = nth % 2 === 1 ? `<rect y="${y}" width="${WIDTH}" height="${ROW}" fill="#f5f6f8"/>` : '';
    return `<g>${stripe}<title>${escaped(titleOf(span))}</title>${name}${bar}${time}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="A trace of ${rows.length} spans">`,
    '<style>text{font:12px system-ui,sans-serif;fill:#1f2328}.time{text-anchor:end;fill:#57606a}</style>',
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="16" y="22">Trace ${escaped(spans[0]?.traceId ?? '')} · ${rows.length} spans · ${shown(endMs - startMs)}</text>`,
    ...legend,
    ...drawn,
    '</svg>',
  ].join('\n');
}

interface Row {
  readonly span: SeenSpan;
  readonly depth: number;
}

/** Each span after its parent, those of one parent as they began. A span whose parent is elsewhere stands at the left. */
function inTreeOrder(spans: readonly SeenSpan[]): Row[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans, ({ parentId }) => (parentId !== null && known.has(parentId) ? parentId : null));
  const below = (parent: string | null, depth: number): Row[] =>
    (children.get(parent) ?? [])
      .toSorted((a, b) => a.startMs - b.startMs)
      .flatMap((span) => [{ span, depth }, ...below(span.spanId, depth + 1)]);
  return below(null, 0);
}

function titleOf({ part, name, attributes }: SeenSpan): string {
  return [`${part}: ${name}`, ...Object.entries(attributes).map(([key, value]) => `${key}: ${value}`)].join('\n');
}

/** Three digits, as much as anybody reads. */
function shown(ms: number): string {
  return ms >= 1_000 ? `${(ms / 1_000).toPrecision(3)} s` : `${Number(ms.toPrecision(3))} ms`;
}

/** Text for XML and HTML. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
