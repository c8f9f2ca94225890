export const RESPONSE_JSON = 'application/graphql-response+json';
const JSON_TYPE = 'application/json';

/** One range of an Accept header, and where it stands there. */
interface Range {
  readonly type: string;
  readonly weight: number;
  readonly nth: number;
}

/** How a type is taken: by the range that means it most. */
interface Taken {
  readonly weight: number;
  /** 0 any type, 1 any of a kind, 2 this very one. */
  readonly precision: number;
  readonly nth: number;
}

/**
 * Answers whether a client takes `application/graphql-response+json` rather than `application/json` (GraphQL over HTTP, 6.1;
 * RFC 9110, 12.5.1): by weight, then by which of the two it means more closely, then by which it names first. Whoever says
 * nothing, or takes neither, gets JSON. Apollo Server chooses alike for what it answers.
 */
export function prefersResponseJson(accept: string | undefined): boolean {
  const ranges = rangesOf(accept ?? '*/*');
  const [wanted, other] = [takenBy(ranges, RESPONSE_JSON), takenBy(ranges, JSON_TYPE)];
  if (!wanted || wanted.weight === 0) return false;
  if (!other || other.weight === 0) return true;
  if (wanted.weight !== other.weight) return wanted.weight > other.weight;
  if (wanted.precision !== other.precision) return wanted.precision > other.precision;
  return wanted.nth < other.nth;
}

function rangesOf(accept: string): readonly Range[] {
  return accept.split(',').flatMap((text, nth) => {
    const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
    const [, weight = '1'] = parameters.map((each) => /^q=([\d.]+)$/.exec(each)).find((each) => each !== null) ?? [];
    const isOurs = parameters.every((each) => /^(q=|charset="?utf-8"?$)/.test(each));
    return isOurs ? [{ type, weight: Number(weight), nth }] : [];
  });
}

function takenBy(ranges: readonly Range[], type: string): Taken | null {
  const forms = ['*/*', 'application/*', type];
  return ranges.reduce<Taken | null>((best, { type: range, weight, nth }) => {
    const precision = forms.indexOf(range);
    return precision > (best?.precision ?? -1) ? { weight, precision, nth } : best;
  }, null);
}
