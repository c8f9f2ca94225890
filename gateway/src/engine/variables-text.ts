type Variables = Readonly<Record<string, unknown>>;

const known = new WeakMap<Variables, string>();

/** Variables as JSON, written once for each object that holds them: they are a key here and a body there. */
export function variablesText(variables: Variables): string {
  const found = known.get(variables);
  if (found !== undefined) return found;
  const made = JSON.stringify(variables);
  known.set(variables, made);
  return made;
}
