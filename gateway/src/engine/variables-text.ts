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

/** A list of representations as JSON, and as objects where they are at hand. */
export interface WrittenList {
  readonly text: string;
  readonly values?: readonly unknown[] | undefined;
}

/**
 * Adds representations to the variables that a fetch of entities sends. They were written as JSON to find which are alike: put
 * together, that is the JSON of the variables. Where there are no objects they are made for whoever looks, which over a wire is
 * nobody.
 *
 * @param lists by the names of their variables
 */
export function withRepresentations(used: Variables, lists: Readonly<Record<string, WrittenList>>): Variables {
  const variables: Record<string, unknown> = { ...used };
  const parts = Object.entries(lists).map(([name, { text, values }]) => {
    let read: unknown = values;
    const get = () => {
      read ??= JSON.parse(text);
      return read;
    };
    if (values) variables[name] = values;
    else Object.defineProperty(variables, name, { enumerable: true, get });
    return `${JSON.stringify(name)}:${text}`;
  });
  const text = JSON.stringify(used);
  known.set(variables, text === '{}' ? `{${parts.join(',')}}` : `${text.slice(0, -1)},${parts.join(',')}}`);
  return variables;
}
