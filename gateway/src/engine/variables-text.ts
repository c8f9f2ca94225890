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

/**
 * Adds representations to the variables that a fetch of entities sends. They were written as JSON to find which are alike: put
 * together, that is the JSON of the variables.
 */
export function withRepresentations(
  used: Variables,
  lists: Readonly<Record<string, { readonly values: readonly unknown[]; readonly texts: readonly string[] }>>,
): Variables {
  const variables: Record<string, unknown> = { ...used };
  const parts = Object.entries(lists).map(([name, { values, texts }]) => {
    variables[name] = values;
    return `${JSON.stringify(name)}:[${texts.join(',')}]`;
  });
  const text = JSON.stringify(used);
  known.set(variables, text === '{}' ? `{${parts.join(',')}}` : `${text.slice(0, -1)},${parts.join(',')}}`);
  return variables;
}
