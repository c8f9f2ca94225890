/** The values of a request's variables, as they were sent. */
export type Variables = Readonly<Record<string, unknown>>;

/**
 * The value of a variable as the engine takes it: its default only where a request leaves it out (GraphQL, 6.1.2); null is a value.
 * A name is anybody's choice, `constructor` too.
 */
export function variableIn(variables: Variables, name: string, defaults: Variables): unknown {
  if (Object.hasOwn(variables, name) && variables[name] !== undefined) return variables[name];
  return Object.hasOwn(defaults, name) ? defaults[name] : undefined;
}

/**
 * A figure that may depend on variables. What does not is worked out once: an operation without slicing variables is one number
 * by the time it is asked for.
 */
export type Formula = number | ((variables: Variables) => number);

export function plus(left: Formula, right: Formula): Formula {
  if (left === 0) return right;
  if (right === 0) return left;
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  return (variables) => valueOf(left, variables) + valueOf(right, variables);
}

export function times(left: Formula, right: Formula): Formula {
  if (left === 0 || right === 0) return 0;
  if (left === 1) return right;
  if (right === 1) return left;
  if (typeof left === 'number' && typeof right === 'number') return left * right;
  return (variables) => valueOf(left, variables) * valueOf(right, variables);
}

export function greatest(left: Formula, right: Formula): Formula {
  if (typeof left === 'number' && typeof right === 'number') return Math.max(left, right);
  return (variables) => Math.max(valueOf(left, variables), valueOf(right, variables));
}

export function valueOf(formula: Formula, variables: Variables): number {
  return typeof formula === 'number' ? formula : formula(variables);
}
