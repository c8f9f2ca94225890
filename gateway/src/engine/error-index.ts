import type { GraphQLError } from 'graphql';
import type { ResponsePath } from './path.ts';

interface Branch {
  readonly below: Map<string | number, Branch>;
  isError: boolean;
}

/** Errors by their paths, so that a null among thousands finds the one that explains it. */
export class ErrorIndex {
  readonly #root: Branch = newBranch();

  constructor(errors: readonly GraphQLError[]) {
    for (const error of errors) this.add(error);
  }

  /** An error without a path may concern anything. */
  add({ path }: Pick<GraphQLError, 'path'>): void {
    let branch = this.#root;
    for (const key of path ?? []) {
      const next = branch.below.get(key) ?? newBranch();
      branch.below.set(key, next);
      branch = next;
    }
    branch.isError = true;
  }

  /** Answers whether an error stands at a path, above it or below it: then it explains the null there. */
  concerns(path: ResponsePath): boolean {
    let branch: Branch | undefined = this.#root;
    for (const key of path) {
      if (branch.isError) return true;
      branch = branch.below.get(key);
      if (!branch) return false;
    }
    return branch.isError || branch.below.size > 0;
  }
}

function newBranch(): Branch {
  return { below: new Map(), isError: false };
}
