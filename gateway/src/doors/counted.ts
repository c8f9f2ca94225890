import type { ServerResponse } from 'node:http';
import { isFailure } from '@assay/failure';
import type { Route } from '../pipeline.ts';
import type { RateMeter } from '../rate/meter.ts';
import { RateLimited } from '../rate/refusal.ts';
import { setAll } from './answer-headers.ts';

/** A door of another's that counts towards the rate of an address, as GraphQL's own doors do by themselves. */
export function counted(route: Route, rates: RateMeter | null): Route {
  if (!rates) return route;
  return {
    ...route,
    answer: async (facts, request, response) => {
      try {
        await rates.arrive(facts.address);
      } catch (error) {
        if (!isFailure(error)) throw error;
        if (error instanceof RateLimited) setAll(response, error.headers);
        return refuse(response, error instanceof RateLimited ? 429 : 503, error.message, error.code);
      }
      return route.answer(facts, request, response);
    },
  };
}

function refuse(response: ServerResponse, status: number, message: string, code: string): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
