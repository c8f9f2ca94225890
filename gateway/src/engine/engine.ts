import { type DocumentNode, type ExecutionResult, GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { type Caller, NOBODY } from './access/need.ts';
import { readNeeds } from './access/needs.ts';
import { createReachable, type Reachable } from './access/reachable.ts';
import { type Course, createCourse } from './course.ts';
import { createCourses } from './courses.ts';
import { fetchError, inClientTerms, located, rootErrors } from './errors.ts';
import { type Execution, executeNode } from './execute.ts';
import { type Fetching, readReply } from './fetch.ts';
import { createFetchKeys } from './fetch-keys.ts';
import { finish } from './finish.ts';
import { introspect } from './introspection.ts';
import { type Observer, UNOBSERVED } from './observer.ts';
import { type CompiledOperation, type Operation, prepareOperation } from './operation.ts';
import { createOperations } from './operations.ts';
import type { FetchNode, Planner } from './planner.ts';
import { publicSchema, typesOf } from './public-schema.ts';
import { plantTree, type Tree, takeRoot } from './steps.ts';
import { mapStream, openStream } from './subscribe.ts';
import type { StreamEvent, Transport } from './transport.ts';
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
 * @throws when the supergraph cannot be read
 */
export function createEngine<Context>(options: EngineOptions<Context>): Engine<Context> {
  const { planner, transports, callerOf = () => NOBODY, classOf, observer = UNOBSERVED } = options;
  const supergraph = parse(options.supergraphSdl, { noLocation: true });
  const schema = publicSchema(planner.publicSdl);
  const types = typesOf(supergraph);
  const keys = createFetchKeys(types.schema);
  const needs = readNeeds(supergraph, types.schema);
  const shown: Reachable = options.introspection === 'scoped' ? createReachable(schema, needs) : () => schema;
  const prepare = (document: DocumentNode, name: string | undefined) =>
    prepareOperation({ schema, planner, keys, needs }, document, name);
  const operations = createOperations(prepare);
  const courses = createCourses();

  /** Finds the operation, then runs it with the client's variables. */
  const run = async <Result>(
    request: EngineRequest<Context>,
    work: (operation: Operation, variables: Readonly<Record<string, unknown>>) => Promise<Result>,
  ): Promise<Result | ExecutionResult> => {
    try {
      const operation = operations(request.document, request.operationName);
      return await work(
        operation,
        coerceVariables(schema, operation.definition.variableDefinitions, request.variables ?? {}),
      );
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    }
  };

  const compiledFor = (
    operation: Operation,
    variables: Readonly<Record<string, unknown>>,
    { context }: EngineRequest<Context>,
  ): CompiledOperation => observer.plan(() => operation.compiled(variables, callerOf(context)), context);

  const fetchingOf = (
    { definition: { operation } }: Operation,
    { context, signal }: EngineRequest<Context>,
  ): Fetching<Context> => ({ transports, operation, context, signal });

  const executionOf = (
    operation: Operation,
    request: EngineRequest<Context>,
    variables: Tree['variables'],
    course: Course,
  ): Execution<Context> => ({ ...fetchingOf(operation, request), variables, course });

  const plant = ({ isSharing }: Pick<CompiledOperation, 'isSharing'>, variables: Tree['variables']) =>
    plantTree(variables, types, isSharing);

  const finishing = (
    { introspection }: Operation,
    { selection }: Pick<CompiledOperation, 'selection'>,
    { operationName, mayBeText = false, context }: EngineRequest<Context>,
    variables: Tree['variables'],
  ) => {
    const introspected = introspection
      ? introspect(shown(callerOf(context)), introspection, operationName, variables)
      : null;
    return (tree: Tree) => finish(tree, { selection, keys, introspected, mayBeText });
  };

  /** What one request derives: together with others that derive the same, where it may. */
  const courseOf = (
    operation: Operation,
    compiled: CompiledOperation,
    request: EngineRequest<Context>,
    variables: Tree['variables'],
  ): Course => {
    const making = {
      plant: () => plant(compiled, variables),
      finish: finishing(operation, compiled, request, variables),
    };
    const isAlone =
      !classOf || !request.mayBeText || operation.introspection || operation.definition.operation !== 'query';
    const shared = isAlone
      ? null
      : courses.enter(compiled, `${classOf(request.context)} ${JSON.stringify(variables)}`, making);
    return shared ?? createCourse(making.plant(), making.finish);
  };

  /** A stream that its subgraph refused, in the client's words. */
  const refused = ({ outputRewrites }: FetchNode, { errors = [] }: ExecutionResult): ExecutionResult => ({
    errors: rootErrors(errors, outputRewrites).map((error) => inClientTerms(error, keys)),
  });

  return {
    schema,
    execute: (request) =>
      run(request, async (operation, variables) => {
        if (operation.definition.operation === 'subscription')
          throw new GraphQLError(NOT_A_STREAM, { extensions: { code: 'BAD_USER_INPUT' } });
        const compiled = compiledFor(operation, variables, request);
        if (compiled.refusal) return compiled.refusal();
        const course = courseOf(operation, compiled, request, variables);
        try {
          if (compiled.plan) await executeNode(compiled.plan, executionOf(operation, request, variables, course));
          return course.finish();
        } finally {
          course.leave();
        }
      }),
    subscribe: (request) =>
      run(request, async (operation, variables) => {
        const { refusal, stream, plan, ...compiled } = compiledFor(operation, variables, request);
        if (refusal) return refusal();
        if (!stream || !plan) throw new GraphQLError(NO_STREAM, { extensions: { code: 'BAD_USER_INPUT' } });
        const source = await openStream(stream, variables, fetchingOf(operation, request)).catch((error: unknown) => {
          throw located(fetchError(stream.serviceName, error), undefined);
        });
        if (!(Symbol.asyncIterator in source)) return refused(stream, source);
        return mapStream(source, async (event) => {
          const tree = plant(compiled, variables);
          const course = createCourse(tree, finishing(operation, compiled, request, variables));
          takeRoot(stream, readReply(stream.serviceName, { result: event }), tree);
          await executeNode(plan, executionOf(operation, request, variables, course));
          return { ...course.finish(), place: event.place };
        });
      }),
    verifyPlans: (document) => void prepare(document, undefined).compiled({}, null),
  };
}

const NOT_A_STREAM = 'A subscription is asked for as a stream: over a WebSocket, or with Accept: text/event-stream.';
const NO_STREAM = 'Only a subscription can be subscribed to.';
