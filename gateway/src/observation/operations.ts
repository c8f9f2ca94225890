import { step } from '@assay/telemetry';
import { type ExecutionResult, getOperationAST } from 'graphql';
import type { Engine, EngineRequest } from '../engine/index.ts';
import type { Meters } from '../meters.ts';
import type { Manifest } from '../persisted/manifest.ts';
import { createOperationLabels } from './operation-labels.ts';

/**
 * An engine whose queries and mutations are counted and timed, and are steps of their request's trace.
 *
 * @param meters left out: nobody keeps figures
 */
export function watchOperations<Context>(
  engine: Engine<Context>,
  manifest: Manifest,
  meters?: Pick<Meters, 'operations'>,
): Engine<Context> {
  const labelsOf = createOperationLabels(manifest);
  return {
    schema: engine.schema,
    subscribe: (request) => engine.subscribe(request),
    verifyPlans: (document) => engine.verifyPlans(document),
    execute: async (request) => {
      const labels = labelsOf(request.document, request.operationName);
      const stop = meters?.operations.startTimer(labels);
      const result = await step(stepOf(request, labels.graphql_document_hash), async (note) => {
        const answered = await engine.execute(request);
        note({ 'graphql.errors.count': answered.errors?.length });
        return answered;
      });
      stop?.({ outcome: outcomeOf(result) });
      return result;
    },
  };
}

function stepOf<Context>({ document, operationName }: EngineRequest<Context>, hash: string) {
  const operation = getOperationAST(document, operationName);
  const name = operation?.operation ?? 'operation';
  const attributes = {
    'graphql.operation.type': operation?.operation,
    'graphql.operation.name': operation?.name?.value,
    'graphql.document.hash': hash,
  };
  return { name, attributes } as const;
}

function outcomeOf({ data, errors }: ExecutionResult): 'answered' | 'partial' | 'failed' {
  if (!errors || errors.length === 0) return 'answered';
  return data ? 'partial' : 'failed';
}
