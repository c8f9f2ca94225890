import { type DocumentNode, type ExecutionResult, GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { type Caller, NOBODY } from './access/need.ts';
import { readNeeds } from './access/needs.ts';
import { createReachable, type Reachable } from './access/reachable.ts';
import { type Course, createCourse } from './course.ts';
import { createCourses } from './courses.ts';
import { type Derivation, deriveInObjects } from './derivation.ts';
import { fetchError, inClientTerms, located, rootErrors } from './errors.ts';
import { type Execution, executeNode } from './execute.ts';
import { type Fetching, readReply } from './fetch.ts';
import { createFetchKeys, type FetchKeys } from './fetch-keys.ts';
import { finish } from './finish.ts';
import { introspect } from './introspection.ts';
import { type Observer, UNOBSERVED } from './observer.ts';
import { type CompiledOperation, type Operation, prepareOperation } from './operation.ts';
import { createOperations } from './operations.ts';
import { readPercents } from './overrides.ts';
import type { FetchNode, Planner } from './planner.ts';
import { publicSchema, type Types, typesOf } from './public-schema.ts';
import { plantTree, type Tree, takeRoot } from './steps.ts';
import { mapStream, openStream } from './subscribe.ts';
import type { StreamEvent, Transport } from './transport.ts';
import { verifyServed } from './unserved.ts';
import { coerceVariables } from './variables.ts';

export interface EngineOptions<Context> {
  readonly supergraphSdl: string;
  readonly planner: Planner;
  /** By the names that the supergraph gives its subgraphs. */
  readonly transports: Readonly<Record<string, Transport<Context>>>;
  /**
   * What `@authenticated`, `@requiresScopes` and `@policy` in the supergraph are held against. Left out, everybody is a visitor
   * without scopes, who has no field that asks for anything.
   */
  callerOf?(context: Context): Caller;
  /**
   * What decides what a caller may see. What is derived for callers of one class may be derived together (`courses.ts`); left out,
   * each derives alone.
   */
  classOf?(context: Context): string;
  /** Looks on; left out, nobody does. */
  readonly observer?: Observer<Context> | undefined;
  /** What is told about the schema: all of it (left out), or to each caller what may be reached. */
  readonly introspection?: 'whole' | 'scoped' | undefined;
}

export interface EngineRequest<Context> {
  /** Parsed and validated against the engine's schema. The same object for the same text, so that it is compiled once. */
  readonly document: DocumentNode;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  /** Handed to every fetch as it is. */
  readonly context: Context;
  readonly signal?: AbortSignal | undefined;
  /** Whether `data` may be an {@link AnswerText}, for a door that does nothing with it but print it. */
  readonly mayBeText?: boolean | undefined;
}

/**
 * A federation gateway without doors: documents in, results out. What a client did wrong and what a subgraph failed in stands in
 * the result; what is thrown is the engine's own fault.
 */
export interface Engine<Context> {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  /** Queries and mutations. */
  execute(request: EngineRequest<Context>): Promise<ExecutionResult>;
  /** One stream from its subgraph; the rest of the plan runs for each event. */
  subscribe(request: EngineRequest<Context>): Promise<AsyncIterableIterator<StreamEvent> | ExecutionResult>;
  /** Plans a document anew, past everything that is kept, for whoever may have all of it. @throws when it cannot be planned */
  verifyPlans(document: DocumentNode): void;
}

/**
 * Makes an engine over a supergraph. Of who asks it knows what the supergraph's directives look at; the context travels to the
 * transports as it is.
 *
 * @throws when the supergraph cannot be read, or has what is not served
 */
export function createEngine<Context>(options: EngineOptions<Context>): Engine<Context> {
  return new SupergraphEngine(options);
}

type Variables = Readonly<Record<string, unknown>>;

/** One request, its operation found and its variables coerced. */
interface Running<Context> {
  readonly request: EngineRequest<Context>;
  readonly operation: Operation;
  readonly variables: Variables;
}

class SupergraphEngine<Context> implements Engine<Context> {
  readonly schema: GraphQLSchema;
  readonly #options: EngineOptions<Context>;
  readonly #observer: Observer<Context>;
  readonly #types: Types;
  readonly #keys: FetchKeys;
  /** What is told about the schema, to whom. */
  readonly #shown: Reachable;
  readonly #prepare: (document: DocumentNode, name: string | undefined) => Operation;
  readonly #operations: ReturnType<typeof createOperations>;
  readonly #courses = createCourses();

  constructor(options: EngineOptions<Context>) {
    const { planner, observer = UNOBSERVED } = options;
    const supergraph = parse(options.supergraphSdl, { noLocation: true });
    verifyServed(supergraph);
    const schema = publicSchema(planner.publicSdl);
    const types = typesOf(supergraph);
    const keys = createFetchKeys(types.schema);
    const needs = readNeeds(supergraph, types.schema);
    const percents = readPercents(supergraph);
    this.schema = schema;
    this.#options = options;
    this.#observer = observer;
    this.#types = types;
    this.#keys = keys;
    this.#shown = options.introspection === 'scoped' ? createReachable(schema, needs) : () => schema;
    this.#prepare = (document, name) =>
      prepareOperation({ schema, planner, keys, needs, types, percents }, document, name);
    this.#operations = createOperations(this.#prepare);
  }

  execute(request: EngineRequest<Context>): Promise<ExecutionResult> {
    return this.#run(request, async (running) => {
      const { operation } = running;
      if (operation.definition.operation === 'subscription')
        throw new GraphQLError(NOT_A_STREAM, { extensions: { code: 'BAD_USER_INPUT' } });
      const compiled = this.#compiledFor(running);
      if (compiled.refusal) return compiled.refusal();
      const course = this.#courseOf(running, compiled);
      try {
        if (compiled.plan) await executeNode(compiled.plan, this.#executionOf(running, course));
        return course.finish();
      } finally {
        course.leave();
      }
    });
  }

  subscribe(request: EngineRequest<Context>): Promise<AsyncIterableIterator<StreamEvent> | ExecutionResult> {
    return this.#run(request, async (running) => {
      const { refusal, stream, plan, ...compiled } = this.#compiledFor(running);
      if (refusal) return refusal();
      if (!stream || !plan) throw new GraphQLError(NO_STREAM, { extensions: { code: 'BAD_USER_INPUT' } });
      const source = await openStream(stream, running.variables, this.#fetchingOf(running)).catch((error: unknown) => {
        throw located(fetchError(stream, error), undefined);
      });
      if (!(Symbol.asyncIterator in source)) return this.#refused(stream, source);
      return mapStream(source, async (event) => {
        const tree = this.#plant(compiled, running.variables);
        const course = createCourse(deriveInObjects(tree, this.#finishing(running, { ...compiled, plan })));
        takeRoot(stream, readReply(stream, { result: event }), tree);
        await executeNode(plan, this.#executionOf(running, course));
        return { ...course.finish(), place: event.place };
      });
    });
  }

  verifyPlans(document: DocumentNode): void {
    this.#prepare(document, undefined).compiled({}, null);
  }

  /** Finds the operation, then runs it with the client's variables. */
  async #run<Result>(
    request: EngineRequest<Context>,
    work: (running: Running<Context>) => Promise<Result>,
  ): Promise<Result | ExecutionResult> {
    try {
      const operation = this.#operations(request.document, request.operationName);
      const { variableDefinitions } = operation.definition;
      const variables = coerceVariables(this.schema, variableDefinitions, request.variables ?? {});
      return await work({ request, operation, variables });
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    }
  }

  #callerOf(context: Context): Caller {
    return this.#options.callerOf?.(context) ?? NOBODY;
  }

  #compiledFor({ request: { context }, operation, variables }: Running<Context>): CompiledOperation {
    return this.#observer.plan(() => operation.compiled(variables, this.#callerOf(context)), context);
  }

  #fetchingOf({ request: { context, signal }, operation }: Running<Context>): Fetching<Context> {
    return { transports: this.#options.transports, operation: operation.definition.operation, context, signal };
  }

  #executionOf(running: Running<Context>, course: Course): Execution<Context> {
    return { ...this.#fetchingOf(running), variables: running.variables, course };
  }

  #plant({ isSharing }: Pick<CompiledOperation, 'isSharing'>, variables: Variables): Tree {
    return plantTree(variables, this.#types, isSharing);
  }

  #finishing(
    {
      request: { operationName, mayBeText = false, context },
      operation: { introspection },
      variables,
    }: Running<Context>,
    { selection, plan }: Pick<CompiledOperation, 'selection' | 'plan'>,
  ): (tree: Tree) => ExecutionResult {
    const introspected = introspection
      ? introspect(this.#shown(this.#callerOf(context)), introspection, operationName, variables)
      : null;
    return (tree) => finish(tree, { selection, keys: this.#keys, plan, introspected, mayBeText });
  }

  /** What one request derives: together with others that derive the same, where it may. */
  #courseOf(running: Running<Context>, compiled: CompiledOperation): Course {
    const { request, operation, variables } = running;
    const { classOf } = this.#options;
    const inObjects = () => deriveInObjects(this.#plant(compiled, variables), this.#finishing(running, compiled));
    if (!request.mayBeText || operation.introspection) return createCourse(inObjects());
    const begin = (): Derivation => compiled.plain.begin(variables, inObjects);
    const isAlone = !classOf || operation.definition.operation !== 'query';
    const shared = isAlone
      ? null
      : this.#courses.enter(compiled, `${classOf(request.context)} ${JSON.stringify(variables)}`, begin);
    return shared ?? createCourse(begin());
  }

  /** A stream that its subgraph refused, in the client's words. */
  #refused({ outputRewrites }: FetchNode, { errors = [] }: ExecutionResult): ExecutionResult {
    return { errors: rootErrors(errors, outputRewrites).map((error) => inClientTerms(error, this.#keys)) };
  }
}

const NOT_A_STREAM = 'A subscription is asked for as a stream: over a WebSocket, or with Accept: text/event-stream.';
const NO_STREAM = 'Only a subscription can be subscribed to.';
