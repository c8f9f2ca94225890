import type { ExecutionResult } from 'graphql';
import type { Course } from './course.ts';
import type { Derivation } from './derivation.ts';
import type { Reply } from './fetch.ts';
import type { CompiledOperation } from './operation.ts';
import type { Asked, AskingNode } from './steps.ts';
import { TextAnswer } from './text-answer.ts';
import { AnswerText } from './write.ts';

/**
 * Derives once what follows from the same answers.
 *
 * What an engine makes of an operation, its variables and the texts that subgraphs answered depends on nothing else. So executions
 * of one operation with the same variables, for callers of one class, go along one tree of steps: each asks its subgraphs for
 * itself, and where it gets byte for byte what one before it got, it finds what was made of that: the next representations, and in
 * the end the answer's text. Where it gets something else it goes a way of its own. No answer is given that the subgraphs did not
 * just give for this very request: this is no cache of data, but of the work on it.
 *
 * A popular query on data that seldom changes costs the engine a comparison of strings; what never repeats is not kept at all.
 */
export interface Courses {
  /**
   * @param key what the derivation depends on beside the operation and the answers: the caller's class and the variables
   * @param begin makes a derivation with nothing in it
   * @returns null when enough is kept already
   */
  enter(compiled: CompiledOperation, key: string, begin: () => Derivation): Course | null;
}

/** Bytes of all that is kept together, and of one operation's. */
const MAX_KEPT = 64 * 1024 * 1024;
const MAX_OF_ONE = 8 * 1024 * 1024;
/** Ways on from one step that are kept. */
const MAX_WAYS = 8;
/** What nobody has gone along for so long is forgotten, and where only one went, sooner. */
const KEPT_MS = 1_000;
const LONELY_MS = 100;

/** A state of a derivation, reached by the same questions and the same answers in the same order. */
interface Step {
  readonly before: Step | null;
  /** How a derivation at the step before comes to this one. */
  readonly grow: (derivation: Derivation) => void;
  /** Takes the step off the one before it. */
  readonly drop: () => void;
  /** Bytes that it holds. */
  weight: number;
  /** How many ever came here. */
  visitors: number;
  /** The derivation as it is here, until somebody goes on with it. */
  derivation: Derivation | null;
  readonly asked: Map<AskingNode, { readonly variables: Asked['variables'] | null; readonly next: Step }>;
  readonly told: Map<AskingNode, { readonly bytes: Buffer; readonly next: Step }[]>;
  result: ExecutionResult | null;
}

/** The steps from one beginning. */
interface Ways {
  readonly first: Step;
  /** How many go along them now. */
  walking: number;
  bytes: number;
  leftAt: number;
  /** Ends of ways that only one went, who has left, by when that was. */
  readonly lonely: { readonly last: Step; readonly leftAt: number }[];
  forget(): void;
}

export function createCourses(): Courses {
  const byOperation = new WeakMap<CompiledOperation, Map<string, Ways>>();
  const kept = new Set<Ways>();
  let bytes = 0;
  let sweeping: NodeJS.Timeout | null = null;

  const sweep = (patienceMs: number) => {
    const now = performance.now();
    for (const ways of kept) if (ways.walking === 0 && now - ways.leftAt >= patienceMs) ways.forget();
    if (kept.size > 0 || !sweeping) return;
    clearInterval(sweeping);
    sweeping = null;
  };

  const open = (known: Map<string, Ways>, key: string): Ways => {
    const ways: Ways = {
      first: createStep({ before: null, grow: nothing, drop: nothing, derivation: null }),
      walking: 0,
      bytes: 0,
      leftAt: 0,
      lonely: [],
      forget: () => {
        if (known.get(key) === ways) known.delete(key);
        if (kept.delete(ways)) bytes -= ways.bytes;
      },
    };
    known.set(key, ways);
    kept.add(ways);
    sweeping ??= setInterval(sweep, KEPT_MS, KEPT_MS).unref();
    return ways;
  };

  const add = (ways: Ways, more: number) => {
    ways.bytes += more;
    if (kept.has(ways)) bytes += more;
    // Those on their way keep it for themselves.
    if (ways.bytes > MAX_OF_ONE) ways.forget();
  };

  return {
    enter: (compiled, key, begin) => {
      if (bytes > MAX_KEPT) sweep(0);
      const known = byOperation.get(compiled) ?? new Map<string, Ways>();
      byOperation.set(compiled, known);
      const found = known.get(key);
      if (!found && bytes > MAX_KEPT) return null;
      return new SharedCourse(found ?? open(known, key), begin, add);
    },
  };
}

function createStep(way: Pick<Step, 'before' | 'grow' | 'drop' | 'derivation'>): Step {
  return { ...way, weight: 0, visitors: way.before ? 1 : 0, asked: new Map(), told: new Map(), result: null };
}

function nothing(): void {}

class SharedCourse implements Course {
  readonly #ways: Ways;
  readonly #begin: () => Derivation;
  readonly #add: (ways: Ways, more: number) => void;
  #step: Step;

  constructor(ways: Ways, begin: () => Derivation, add: (ways: Ways, more: number) => void) {
    this.#ways = ways;
    this.#begin = begin;
    this.#add = add;
    this.#step = ways.first;
    ways.walking += 1;
    ways.first.visitors += 1;
  }

  ask(node: AskingNode): Asked['variables'] | null {
    const before = this.#step;
    const known = before.asked.get(node);
    if (known) {
      this.#goOn(known.next);
      return known.variables;
    }
    const derivation = this.#take();
    const variables = derivation.ask(node);
    const grow = (again: Derivation) => void again.ask(node);
    this.#step = createStep({ before, grow, drop: () => before.asked.delete(node), derivation });
    before.asked.set(node, { variables, next: this.#step });
    return variables;
  }

  take(node: AskingNode, reply: Reply): void {
    const before = this.#step;
    const bytes = 'result' in reply && reply.result instanceof TextAnswer ? reply.result.bytes : null;
    const ways = before.told.get(node);
    const known = bytes === null ? undefined : ways?.find((way) => way.bytes.equals(bytes));
    if (known) return this.#goOn(known.next);
    const derivation = this.#take();
    derivation.take(node, reply);
    if (bytes === null) {
      // Nobody else comes here, and nobody derives to here again.
      this.#step = createStep({ before, grow: nothing, drop: nothing, derivation });
      return;
    }
    const grow = (again: Derivation) => again.take(node, { result: new TextAnswer(bytes) });
    const step = createStep({ before, grow, drop: () => remove(before, node, step), derivation });
    const others = ways ?? [];
    if (!ways) before.told.set(node, others);
    others.push({ bytes, next: step });
    if (others.length > MAX_WAYS) this.#drop(others[0]?.next);
    this.#step = step;
    this.#weigh(step, bytes.length);
  }

  finish(): ExecutionResult {
    const step = this.#step;
    if (step.result) return step.result;
    step.result = asText(this.#take().finish());
    if (step.result.data instanceof AnswerText) this.#weigh(step, step.result.data.bytes.length);
    return step.result;
  }

  leave(): void {
    this.#ways.walking -= 1;
    this.#ways.leftAt = performance.now();
    if (this.#ways.walking === 0 && this.#isAlone()) return this.#ways.forget();
    if (this.#step.visitors > 1) return;
    this.#ways.lonely.push({ last: this.#step, leftAt: this.#ways.leftAt });
    this.#clear();
  }

  #isAlone(): boolean {
    return this.#ways.first.visitors === 1;
  }

  /** Drops ways that only one went, after a while in which others were on their way to them. */
  #clear(): void {
    const { lonely, leftAt } = this.#ways;
    for (;;) {
      const [first] = lonely;
      if (!first || leftAt - first.leftAt < LONELY_MS) return;
      lonely.shift();
      for (let step: Step | null = first.last; step?.before && step.visitors === 1; step = step.before)
        this.#drop(step);
    }
  }

  #goOn(step: Step): void {
    step.visitors += 1;
    this.#step = step;
  }

  #weigh(step: Step, bytes: number): void {
    step.weight += bytes;
    this.#add(this.#ways, bytes);
  }

  #drop(step: Step | undefined): void {
    if (!step) return;
    step.drop();
    this.#add(this.#ways, -step.weight);
    step.weight = 0;
  }

  /** The derivation at this step, taken along or made anew by all that led here. */
  #take(): Derivation {
    const { derivation } = this.#step;
    this.#step.derivation = null;
    if (derivation) return derivation;
    const again = this.#begin();
    for (const step of stepsTo(this.#step)) step.grow(again);
    return again;
  }
}

function remove({ told }: Step, node: AskingNode, step: Step): void {
  const left = told.get(node)?.filter(({ next }) => next !== step) ?? [];
  if (left.length > 0) told.set(node, left);
  else told.delete(node);
}

function stepsTo(last: Step): Step[] {
  const steps: Step[] = [];
  for (let step: Step | null = last; step; step = step.before) steps.push(step);
  return steps.reverse();
}

/** An answer that several give, printed once. */
function asText(result: ExecutionResult): ExecutionResult {
  const { data } = result;
  return !data || data instanceof AnswerText ? result : { ...result, data: new AnswerText(JSON.stringify(data)) };
}
