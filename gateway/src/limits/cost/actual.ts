import type { FieldCost, SetCost } from './tree.ts';

/** What an answer cost: each call, and each thing that came. A field that was cut away for its caller was not called. */
export function countCost({ fields }: SetCost, data: unknown): number {
  if (!isRecord(data)) return 0;
  let sum = 0;
  for (const field of fields) {
    const value = data[field.key];
    if (value !== undefined) sum += field.call + countThings(field, value);
  }
  return sum;
}

function countThings(field: FieldCost, value: unknown): number {
  if (value === null) return 0;
  if (!Array.isArray(value)) return field.each + (field.children ? countCost(field.children, value) : 0);
  // A list of what weighs nothing is not walked.
  if (field.each === 0 && !field.children) return 0;
  return value.reduce<number>((sum, each) => sum + countThings(field, each), 0);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
