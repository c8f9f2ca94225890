import type { ExecutionResult } from 'graphql';
import { askFor, type Course, type Grown, takeInto } from './course.ts';
import type { Reply } from './fetch.ts';
import type { CompiledOperation } from './operation.ts';
import type { Asked, AskingNode, Tree } from './steps.ts';
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
   * @returns null when enough is kept already
   */
  enter(compiled: CompiledOperation, key: string, making: Making): Course | null;
}

export interface Making {
  plant(): Tree;
  finish(tree: Tree): ExecutionResult;
}

/** Characters of all that is kept together, and of one operation's. */
const MAX_KEPT = 64 * 1024 * 1024;
const MAX_OF_ONE = 8 * 1024 * 1024;
/** Ways on from one step that are kept. */
const MAX_WAYS = 8;
/** What nobody has gone along for so long is forgotten. */
const KEPT_MS = 1_000;

/** A state of a derivation, reached by the same questions and the same answers in the same order. */
interface Step {
  readonly before: Step | null;
  /** How a tree at the step before becomes one at this step. */
  readonly grow: (grown: Grown) => void;
  /** The tree as it is here, until somebody goes on with it. */
  grown: Grown | null;
  readonly asked: Map<AskingNode, { readonly variables: Asked['variables'] | null; readonly next: Step }>;
  readonly told: Map<AskingNode, { readonly text: string; readonly next: Step }[]>;
  result: ExecutionResult | null;
}

/** The steps from one beginning. */
interface Ways {
  readonly first: Step;
  /** How many go along them now. */
  walking: number;
  /** Whether somebody ever came where somebody had been. */
  isWorn: boolean;
  characters: number;
  leftAt: number;
  forget(): void;
}

export function createCourses(): Courses {
  const byOperation = new WeakMap<CompiledOperation, Map<string, Ways>>();
  const kept = new Set<Ways>();
  let characters = 0;
  let sweeping: NodeJS.Timeout | null = null;

  const sweep = (patienceMs: number) => {
    const now = performance.now();
    for (const ways of kept) if (ways.walking === 0 && now - ways.leftAt >= patienceMs) ways.forget();
    if (kept.size > 0 || !sweeping) return;
    clearInterval(sweeping);
    sweeping = null;
  };

  const begin = (known: Map<string, Ways>, key: string): Ways => {
    const ways: Ways = {
      first: stepAfter(null, () => undefined, null),
      walking: 0,
      isWorn: false,
      characters: 0,
      leftAt: 0,
      forget: () => {
        if (known.get(key) === ways) known.delete(key);
        if (kept.delete(ways)) characters -= ways.characters;
      },
    };
    known.set(key, ways);
    kept.add(ways);
    sweeping ??= setInterval(sweep, KEPT_MS, KEPT_MS).unref();
    return ways;
  };

  const weigh = (ways: Ways, more: number) => {
    ways.characters += more;
    if (kept.has(ways)) characters += more;
    // Those on their way keep it for themselves.
    if (ways.characters > MAX_OF_ONE) ways.forget();
  };

  return {
    enter: (compiled, key, making) => {
      if (characters > MAX_KEPT) sweep(0);
      const known = byOperation.get(compiled) ?? new Map<string, Ways>();
      byOperation.set(compiled, known);
      const found = known.get(key);
      if (!found && characters > MAX_KEPT) return null;
      return new SharedCourse(found ?? begin(known, key), making, weigh);
    },
  };
}

function stepAfter(before: Step | null, grow: Step['grow'], grown: Grown | null): Step {
  return { before, grow, grown, asked: new Map(), told: new Map(), result: null };
}

class SharedCourse implements Course {
  readonly #ways: Ways;
  readonly #making: Making;
  readonly #weigh: (ways: Ways, more: number) => void;
  #step: Step;

  constructor(ways: Ways, making: Making, weigh: (ways: Ways, more: number) => void) {
    this.#ways = ways;
    this.#making = making;
    this.#weigh = weigh;
    this.#step = ways.first;
    ways.walking += 1;
  }

  ask(node: AskingNode): Asked['variables'] | null {
    const known = this.#step.asked.get(node);
    if (known) {
      this.#step = known.next;
      return known.variables;
    }
    const before = this.#step;
    const grown = this.#take();
    const variables = askFor(node, grown);
    this.#step = stepAfter(before, (again) => void askFor(node, again), grown);
    before.asked.set(node, { variables, next: this.#step });
    return variables;
  }

  take(node: AskingNode, reply: Reply): void {
    const before = this.#step;
    const answer = 'result' in reply && reply.result instanceof TextAnswer ? reply.result : null;
    const told = before.told.get(node) ?? [];
    const known = answer && told.find(({ text }) => text === answer.text);
    if (known) {
      this.#ways.isWorn = true;
      this.#step = known.next;
      return;
    }
    const grown = this.#take();
    takeInto(node, reply, grown);
    this.#step = stepAfter(before, (again) => takeInto(node, answer ? { result: answer.copy() } : reply, again), grown);
    // Without a text nobody else comes here.
    if (!answer) return;
    before.told.set(node, [{ text: answer.text, next: this.#step }, ...told.slice(0, MAX_WAYS - 1)]);
    this.#weigh(this.#ways, answer.text.length);
  }

  finish(): ExecutionResult {
    const step = this.#step;
    if (step.result) return step.result;
    step.result = asText(this.#making.finish(this.#take().tree));
    if (step.result.data instanceof AnswerText) this.#weigh(this.#ways, step.result.data.text.length);
    return step.result;
  }

  leave(): void {
    const ways = this.#ways;
    ways.walking -= 1;
    ways.leftAt = performance.now();
    if (ways.walking === 0 && !ways.isWorn) ways.forget();
  }

  /** The tree at this step, taken along or grown anew by all that led here. */
  #take(): Grown {
    const grown = this.#step.grown;
    this.#step.grown = null;
    if (grown) return grown;
    const again: Grown = { tree: this.#making.plant(), asked: new Map() };
    for (const step of stepsTo(this.#step)) step.grow(again);
    return again;
  }
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
