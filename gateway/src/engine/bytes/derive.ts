import type { ExecutionResult } from 'graphql';
import type { Derivation } from '../derivation.ts';
import type { Reply } from '../fetch.ts';
import { type Asked, type AskingNode, requestOf, usedVariables } from '../steps.ts';
import { TextAnswer } from '../text-answer.ts';
import { type WrittenList, withRepresentations } from '../variables-text.ts';
import { AnswerText } from '../write.ts';
import type { Asking, Layout } from './layout.ts';
import { textOf } from './page.ts';
import { printAnswer, printRepresentations } from './print.ts';
import { readAnswer } from './read.ts';
import { NOT_PLAIN, SHARED, Tape } from './tape.ts';
import { type Known, type Wanted, want } from './walk.ts';

type Variables = Asked['variables'];

/**
 * Derives over bytes as long as all is as the layout foresees, and from then on in objects.
 *
 * @param inObjects begins the general derivation, which is told again all that happened
 * @param onOther something was not as foreseen
 */
export function deriveInBytes(
  layout: Layout,
  variables: Variables,
  inObjects: () => Derivation,
  onOther: () => void,
): Derivation {
  return new BytesDerivation(layout, variables, inObjects, onOther);
}

/** What happened, in order, so that it can happen again. */
interface Happened {
  readonly node: AskingNode;
  /** What the node was answered; null: it asked. */
  readonly bytes: Buffer | null;
}

class BytesDerivation implements Derivation {
  readonly #known: Known;
  readonly #variables: Variables;
  readonly #inObjects: () => Derivation;
  readonly #onOther: () => void;
  readonly #happened: Happened[] = [];
  readonly #wanted = new Map<AskingNode, readonly Wanted[]>();
  /** Once something was not plain. */
  #general: Derivation | null = null;

  constructor(layout: Layout, variables: Variables, inObjects: () => Derivation, onOther: () => void) {
    const tape = new Tape();
    this.#known = { layout, tape, root: tape.take(layout.rootSize), answers: [], walks: 0 };
    this.#variables = variables;
    this.#inObjects = inObjects;
    this.#onOther = onOther;
  }

  ask(node: AskingNode): Variables | null {
    return this.#do(
      () => {
        const variables = this.#ask(node);
        this.#happened.push({ node, bytes: null });
        return variables;
      },
      (general) => general.ask(node),
    );
  }

  take(node: AskingNode, reply: Reply): void {
    this.#do(
      () => {
        if (!('result' in reply && reply.result instanceof TextAnswer)) throw NOT_PLAIN;
        const { bytes } = reply.result;
        this.#take(node, bytes);
        this.#happened.push({ node, bytes });
      },
      (general) => general.take(node, reply),
    );
  }

  finish(): ExecutionResult {
    return this.#do<ExecutionResult>(
      () => {
        const data = new AnswerText(printAnswer(this.#known));
        this.#known.tape[Symbol.dispose]();
        return { data };
      },
      (general) => general.finish(),
    );
  }

  /** Plainly, or from the beginning in the general way. */
  #do<Result>(plainly: () => Result, generally: (general: Derivation) => Result): Result {
    if (this.#general) return generally(this.#general);
    try {
      return plainly();
    } catch (error) {
      if (error !== NOT_PLAIN) throw error;
      this.#onOther();
      this.#general = this.#again();
      return generally(this.#general);
    }
  }

  #again(): Derivation {
    const general = this.#inObjects();
    for (const { node, bytes } of this.#happened)
      if (bytes === null) general.ask(node);
      else general.take(node, { result: new TextAnswer(bytes) });
    return general;
  }

  #ask(node: AskingNode): Variables | null {
    const used = usedVariables(requestOf(node), { variables: this.#variables });
    const { entities } = this.#askingOf(node);
    if (entities.length === 0) return used;
    const wanted = entities.map((each) => want(each, this.#known));
    if (wanted.every(({ records }) => records.length === 0)) return null;
    this.#wanted.set(node, wanted);
    const lists = entities.map((each, at): [string, WrittenList] => {
      const found = wanted[at];
      return [each.variable, { text: found ? printRepresentations(each, found, this.#known) : '[]' }];
    });
    return withRepresentations(used, Object.fromEntries(lists));
  }

  #take(node: AskingNode, bytes: Buffer): void {
    const { answer, shape, via, entities } = this.#askingOf(node);
    const { tape, root, answers } = this.#known;
    const text = textOf(bytes);
    const record = readAnswer(text, shape, tape);
    answers[answer] = text;
    if (via > 0) tape.numbers[root + via] = record;
    const wanted = this.#wanted.get(node) ?? [];
    for (const [at, { slot }] of entities.entries()) link(tape, tape.numbers[record + slot] ?? 0, wanted[at]);
  }

  #askingOf(node: AskingNode): Asking {
    const asking = this.#known.layout.asking.get(node);
    if (!asking) throw NOT_PLAIN;
    return asking;
  }
}

/** Writes where entities stand to where they were wanted. */
function link({ numbers }: Tape, list: number, wanted: Wanted | undefined): void {
  if (!wanted || list === 0 || numbers[list] !== wanted.records.length) throw NOT_PLAIN;
  const { records, places, grouped } = wanted;
  const seen = places.length > records.length ? new Uint8Array(records.length) : null;
  for (let nth = 0; nth < places.length; nth += 1) {
    const number = grouped[nth] ?? 0;
    const entity = numbers[list + 1 + number] ?? 0;
    numbers[places[nth] ?? 0] = entity;
    if (seen === null) continue;
    // The same object for several, in each of which the same is told of it later.
    if (seen[number] === 1) numbers[entity + SHARED] ||= 1;
    seen[number] = 1;
  }
}
