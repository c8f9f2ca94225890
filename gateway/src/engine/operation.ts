import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { byAccess, type Denied } from './access/guards.ts';
import type { Caller } from './access/need.ts';
import type { Needs } from './access/needs.ts';
import { refusalOf } from './access/refusal.ts';
import { createPlain, type Plain } from './bytes/plain.ts';
import { fragmentsOf } from './collect.ts';
import type { FetchKeys } from './fetch-keys.ts';
import { planInTurn } from './in-turn.ts';
import { type Inclusion, inclusionOf } from './inclusion.ts';
import { introspectionOf } from './introspection.ts';
import { normalizeOperation } from './normalize.ts';
import { draw } from './overrides.ts';
import type { FetchNode, PlanNode, Planner } from './planner.ts';
import type { Types } from './public-schema.ts';
import { compileSelection, type Selection } from './selection.ts';
import { isSharable } from './sharing.ts';
import { traitsOf } from './traits.ts';

/** An operation made ready once, for every request that sends the same document. */
export interface Operation {
  readonly definition: OperationDefinitionNode;
  /** Variables of `@include` and `@skip`: each combination of them is an operation of its own. */
  readonly conditions: readonly string[];
  /** What asks about the schema itself. */
  readonly introspection: DocumentNode | null;
  /**
   * Without what the caller may not have; null stands for somebody who may have everything.
   *
   * @throws GraphQLError when it cannot be planned
   */
  compiled(variables: Readonly<Record<string, unknown>>, caller: Caller | null): CompiledOperation;
}

/** An operation for one combination of its conditions. */
export interface CompiledOperation {
  readonly selection: Selection;
  /** Null when no subgraph has to be asked. */
  readonly plan: PlanNode | null;
  /** Whether equal objects may be one, as `isSharable` says of the plan. */
  readonly isSharing: boolean;
  readonly plain: Plain;
  /** The stream of a subscription, and null for everything else. */
  readonly stream: FetchNode | null;
  /** The whole answer, where it is null whatever the subgraphs say, because of what the caller may not have; else null. */
  readonly refusal: (() => ExecutionResult) | null;
}

type Compiled = (variables: Readonly<Record<string, unknown>>) => CompiledOperation;

/** What operations are compiled with. */
export interface Compilation {
  readonly schema: GraphQLSchema;
  readonly planner: Planner;
  readonly keys: FetchKeys;
  readonly needs: Needs;
  readonly types: Types;
  /** As `readPercents` reads them. */
  readonly percents: readonly number[];
}

/** Combinations of conditions that are kept of one operation. */
const MAX_COMBINATIONS = 64;

/**
 * Finds the operation of a validated document.
 *
 * @throws GraphQLError when it is not there
 */
export function prepareOperation(
  compilation: Compilation,
  document: DocumentNode,
  operationName: string | undefined,
): Operation {
  const definition = getOperationAST(document, operationName);
  if (!definition)
    throw refused(
      operationName ? `The document has no operation "${operationName}".` : 'Name one operation of the document.',
    );
  const { conditions, guarded, asksForSchema } = traitsOf(document, compilation.schema, compilation.needs);
  const combinations = (denied: Denied): Compiled => {
    const { percents } = compilation;
    if (conditions.length === 0 && percents.length === 0)
      return only((variables) => compile(compilation, document, definition, { variables, denied, drawn: 0 }));
    const known = new LRUCache<string, CompiledOperation>({ max: MAX_COMBINATIONS });
    return (variables) => {
      const drawn = draw(percents);
      const key = `${conditions.map((name) => conditionKey(variables[name])).join('')} ${drawn}`;
      const found = known.get(key);
      if (found) return found;
      const made = compile(compilation, document, definition, { variables, denied, drawn });
      known.set(key, made);
      return made;
    };
  };
  const compiledFor = byAccess(guarded, combinations);
  return {
    definition,
    conditions,
    introspection: asksForSchema ? introspectionOf(compilation.schema, alone(document, definition)) : null,
    compiled: (variables, caller) => compiledFor(caller)(variables),
  };
}

/** What one compilation of an operation is for. */
interface Circumstances {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly denied: Denied;
  readonly drawn: number;
}

function compile(
  { schema, planner, keys, types }: Compilation,
  document: DocumentNode,
  definition: OperationDefinitionNode,
  { variables, denied, drawn }: Circumstances,
): CompiledOperation {
  const isIncluded = inclusionOf(variables);
  const reading = { schema, fragments: fragmentsOf(document), isIncluded };
  const selection = compileSelection(definition, reading, keys, denied);
  const refusal = denied.size > 0 ? refusalOf(definition.operation, selection) : null;
  const shaping = { ...types, shown: schema };
  const plain = createPlain(null, selection, shaping);
  if (refusal) return { selection, plan: null, isSharing: false, plain, stream: null, refusal };
  // What is asked of the subgraphs is read as if the client had never asked for the rest.
  const isAsked: Inclusion = (node) => isIncluded(node) && !(node.kind === Kind.FIELD && denied.has(node));
  const normalized = normalizeOperation(definition, { ...reading, isIncluded: isAsked }, keys);
  const plan = normalized ? planInTurn({ ...normalized, drawn }, planner) : null;
  const stream = definition.operation === 'subscription' ? streamOf(plan) : null;
  return {
    selection,
    plan,
    isSharing: isSharable(plan),
    plain: createPlain(plan, selection, shaping),
    stream,
    refusal,
  };
}

/** A null is no answer to a condition; where one stands, nothing is compiled. */
function conditionKey(value: unknown): string {
  return value === null ? '-' : value === true ? '1' : '0';
}

/** Compiles once, whatever the variables are. */
function only(compiling: Compiled): Compiled {
  let made: CompiledOperation | undefined;
  return (variables) => {
    made ??= compiling(variables);
    return made;
  };
}

/** The document without its other operations. */
function alone(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const definitions = document.definitions.filter(
    (node) => node.kind !== Kind.OPERATION_DEFINITION || node === operation,
  );
  return { ...document, definitions };
}

function streamOf(plan: PlanNode | null): FetchNode {
  if (plan?.kind === 'Subscription') return plan.primary;
  if (plan?.kind === 'Sequence' && plan.nodes[0]) return streamOf(plan.nodes[0]);
  throw refused('This subscription cannot be planned: it has no single stream at its root.');
}

function refused(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
