import { type DocumentNode, Kind, parse } from 'graphql';
import { createEngine, type Engine, openPlanner, type PlannerName } from '../engine/index.ts';
import { validateDocument } from '../validation.ts';
import { rootDocuments } from './root-documents.ts';

/** What a supergraph has to be good for. */
export interface Trial {
  readonly sdl: string;
  readonly planner: PlannerName;
  /** Texts that clients will go on sending. */
  readonly documents: readonly string[];
}

/**
 * Tries a supergraph: a planner and an engine can be made of it, each document is still valid and can be planned, and so can something
 * of each field at a root.
 *
 * A planner in native code may end the whole process over what nobody composed, so this is for a process of its own.
 *
 * @throws Error that says what does not hold
 */
export function verifySupergraph({ sdl, planner: name, documents }: Trial): void {
  const planner = openPlanner(sdl, { name, report: () => undefined });
  const engine = createEngine({ supergraphSdl: sdl, planner, transports: {} });
  for (const text of documents) {
    const document = parse(text);
    const [problem] = validateDocument(engine.schema, document);
    if (problem)
      throw new Error(`${nameOf(document)} of the persisted documents would be valid no longer: ${problem.message}`);
    verifyPlanned(engine, document, `${nameOf(document)} of the persisted documents`);
  }
  for (const { field, text } of rootDocuments(engine.schema)) verifyPlanned(engine, parse(text), field);
}

function verifyPlanned(engine: Pick<Engine<unknown>, 'verifyPlans'>, document: DocumentNode, what: string): void {
  try {
    engine.verifyPlans(document);
  } catch (cause) {
    throw new Error(`${what} cannot be planned: ${messageOf(cause)}`, { cause });
  }
}

function nameOf({ definitions }: DocumentNode): string {
  const operation = definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  return operation?.name ? `"${operation.name.value}"` : 'One';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
