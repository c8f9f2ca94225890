import { parse } from 'graphql';
import type {
  BatchFetchNode,
  EntityBatch,
  FetchNode,
  FlattenNode,
  PlanNode,
  PlanPath,
  RequiredSelection,
} from '../planner.ts';
import type { Selection } from '../selection.ts';
import type { AskingNode } from '../steps.ts';
import { type Text, textOf } from './page.ts';
import { listsAround, Position, type Step } from './position.ts';
import { compileProgram, type Program } from './program.ts';
import { type ObjectShape, reading, type Shaping, shapeOfRoot } from './shape.ts';
import { HEADER, NOT_PLAIN } from './tape.ts';

/** All that is known beforehand of an operation whose answers look alike whatever stands in them. */
export interface Layout {
  /** Numbers of the record that everything hangs from. */
  readonly rootSize: number;
  readonly asking: ReadonlyMap<AskingNode, Asking>;
  readonly program: Program;
}

/** What a node of the plan asks, and what is done with its answer. */
export interface Asking {
  readonly answer: number;
  readonly shape: ObjectShape;
  /** Where the root record holds the answer's, for a fetch of root fields; else 0. */
  readonly via: number;
  readonly entities: readonly Entities[];
}

/** Entities that a node asks for. */
export interface Entities {
  /** The variable with their representations. */
  readonly variable: string;
  /** Where the answer's record has them. */
  readonly slot: number;
  readonly places: readonly Places[];
}

/** Objects that are asked for. */
export interface Places {
  readonly path: readonly Step[];
  /** Where the record of what is told of one stands in its own. */
  readonly via: number;
  /** Of the objects as they first came. */
  readonly shape: ObjectShape;
  /** What a representation is made of, in order. */
  readonly leaves: readonly Leaf[];
  /** What stands before each of them, and behind the last. */
  readonly between: readonly Text[];
}

/** A leaf of an object, its text's begin at the slot, its end behind it. */
export interface Leaf {
  readonly via: number;
  readonly answer: number;
  readonly slot: number;
}

/**
 * Lays out an operation, where its plan and its selection are plain: every object is of one type that the schema says, each field is
 * told by one subgraph, and nothing is rewritten on its way.
 *
 * @returns null for everything else
 */
export function layOut(plan: PlanNode, selection: Selection, shaping: Shaping): Layout | null {
  try {
    return new Draft(shaping).layout(plan, selection);
  } catch (error) {
    if (error === NOT_PLAIN) return null;
    throw error;
  }
}

class Draft {
  readonly #shaping: Shaping;
  readonly #asking = new Map<AskingNode, Asking>();
  #root: { readonly shape: ObjectShape; readonly position: Position } | null = null;

  constructor(shaping: Shaping) {
    this.#shaping = shaping;
  }

  layout(plan: PlanNode, selection: Selection): Layout {
    const { onlyType } = selection;
    if (onlyType === undefined) throw NOT_PLAIN;
    // It stands in no answer: each root fetch tells of it.
    const shape: ObjectShape = {
      typename: onlyType,
      fields: [],
      ...reading([]),
      answer: -1,
      links: HEADER,
      size: HEADER,
    };
    this.#root = { shape, position: new Position(shape) };
    this.#node(plan);
    const program = compileProgram(selection, this.#position([]).position);
    return { rootSize: shape.size, asking: this.#asking, program };
  }

  #node(node: PlanNode): void {
    switch (node.kind) {
      case 'Sequence':
      case 'Parallel':
        for (const each of node.nodes) this.#node(each);
        return;
      case 'Fetch':
        return this.#fetch(node);
      case 'Flatten':
        return this.#flatten(node);
      case 'BatchFetch':
        return this.#batch(node);
      case 'Condition':
      case 'Subscription':
        throw NOT_PLAIN;
    }
  }

  #fetch(node: FetchNode): void {
    if (node.inputRewrites.length + node.outputRewrites.length > 0) throw NOT_PLAIN;
    const shape = this.#shapeOf(node);
    const via = this.#position([]).position.add(shape, new Map());
    this.#asking.set(node, { answer: shape.answer, shape, via, entities: [] });
  }

  #flatten(node: FlattenNode): void {
    const shape = this.#shapeOf(node.node);
    const batch = { ...node.node, alias: '_entities', variable: 'representations', paths: [node.path] };
    this.#asking.set(node, { answer: shape.answer, shape, via: 0, entities: [this.#entities(batch, shape)] });
  }

  #batch(node: BatchFetchNode): void {
    const shape = this.#shapeOf(node);
    const entities = node.batches.map((batch) => this.#entities(batch, shape));
    this.#asking.set(node, { answer: shape.answer, shape, via: 0, entities });
  }

  #shapeOf({ operation }: { readonly operation: string }): ObjectShape {
    return shapeOfRoot(parse(operation, { noLocation: true }), this.#asking.size, this.#shaping);
  }

  #entities(batch: EntityBatch, answer: ObjectShape): Entities {
    const { alias, variable, paths, requires, inputRewrites, outputRewrites } = batch;
    const field = answer.fields.find(({ responseKey }) => responseKey === alias);
    if (field?.value.kind !== 'object' || inputRewrites.length + outputRewrites.length > 0) throw NOT_PLAIN;
    const { below } = field.value;
    const slots = new Map<ObjectShape, number>();
    const reached = paths.map((path) => {
      const { position, steps } = this.#position(path);
      return { position, path: steps, shape: position.shape, ...this.#representation(requires, position) };
    });
    const places = reached.map(({ position, ...place }) => ({ ...place, via: position.add(below, slots) }));
    return { variable, slot: field.slot, places };
  }

  #position(path: PlanPath): { readonly position: Position; readonly steps: readonly Step[] } {
    const steps: Step[] = [];
    let position = this.#root?.position;
    if (!position) throw NOT_PLAIN;
    for (const segment of path) {
      // How many lists there are is known; what all objects are is no condition.
      if (segment === '@') continue;
      if ('types' in segment) {
        const { typename } = position;
        if (!segment.types.some((type) => this.#shaping.matches(typename, type))) throw NOT_PLAIN;
        continue;
      }
      const { via, field } = position.told(segment.field);
      steps.push({ via, slot: field.slot, lists: listsAround(field) });
      position = position.below(segment.field);
    }
    return { position, steps };
  }

  #representation(requires: readonly RequiredSelection[], position: Position): Pick<Places, 'leaves' | 'between'> {
    const fields = this.#required(requires, position);
    const names = new Set(fields.map(({ name }) => name));
    if (names.size !== fields.length || !names.has(TYPENAME) || names.size === 1) throw NOT_PLAIN;
    const leaves: Leaf[] = [];
    const between: string[] = ['{'];
    const say = (text: string) => between.push(`${between.pop() ?? ''}${text}`);
    for (const [nth, { name, responseKey }] of fields.entries()) {
      const { via, answer, field } = position.told(responseKey);
      say(`${nth > 0 ? ',' : ''}${JSON.stringify(name)}:`);
      if (field.value.kind === 'typename') say(field.value.text);
      // Lists and objects may be other texts when they are read and printed.
      else if (field.value.item !== null || field.value.kind === 'object' || field.value.kind === 'opaque')
        throw NOT_PLAIN;
      else {
        leaves.push({ via, answer, slot: field.slot });
        between.push('');
      }
    }
    say('}');
    return { leaves, between: between.map(textOf) };
  }

  #required(
    requires: readonly RequiredSelection[],
    position: Position,
  ): readonly { readonly name: string; readonly responseKey: string }[] {
    return requires.flatMap((each) => {
      if (each.kind === 'Fragment') {
        if (each.condition) throw NOT_PLAIN;
        return this.#shaping.matches(position.typename, each.type) ? this.#required(each.selections, position) : [];
      }
      if (each.selections) throw NOT_PLAIN;
      return [{ name: each.name, responseKey: each.responseKey }];
    });
  }
}

const TYPENAME = '__typename';
