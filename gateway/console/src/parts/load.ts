import { useCallback, useEffect, useState } from 'react';

export interface Loaded<T> {
  readonly data: T | null;
  readonly error: unknown;
  readonly reload: () => void;
}

/**
 * Loads something when the page appears, and again when it is told to.
 *
 * @param load stable; wrap it in useCallback
 */
export function useLoad<T>(load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; error: unknown }>({ data: null, error: null });
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round loads again
  useEffect(() => {
    let isCurrent = true;
    load().then(
      (data) => isCurrent && setState({ data, error: null }),
      (error: unknown) => isCurrent && setState((before) => ({ ...before, error })),
    );
    return () => {
      isCurrent = false;
    };
  }, [load, round]);
  return { ...state, reload: useCallback(() => setRound((count) => count + 1), []) };
}

/** A page of a connection (GraphQL Cursor Connections specification). */
export interface Connection<Node> {
  readonly edges: readonly { readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null | undefined };
}

export interface Pages<Node> {
  /** Null until the first page is there. */
  readonly nodes: readonly Node[] | null;
  readonly hasMore: boolean;
  readonly isBusy: boolean;
  readonly error: unknown;
  /** Adds a page. */
  readonly more: () => void;
  /** Loads anew what is shown. */
  readonly reload: () => void;
}

/**
 * Loads a list page by page.
 *
 * @param load stable; gives the page after a cursor
 */
export function usePages<Node>(load: (after: string | null) => Promise<Connection<Node>>): Pages<Node> {
  const [count, setCount] = useState(1);
  const [isBusy, setBusy] = useState(false);
  const all = useCallback(async () => {
    setBusy(true);
    try {
      const nodes: Node[] = [];
      let after: string | null = null;
      for (let page = 1; ; page += 1) {
        const { edges, pageInfo }: Connection<Node> = await load(after);
        nodes.push(...edges.map(({ node }) => node));
        after = pageInfo.endCursor ?? null;
        if (page >= count || !pageInfo.hasNextPage) return { nodes, hasMore: pageInfo.hasNextPage };
      }
    } finally {
      setBusy(false);
    }
  }, [load, count]);
  const { data, error, reload } = useLoad(all);
  const more = useCallback(() => setCount((before) => before + 1), []);
  return { nodes: data?.nodes ?? null, hasMore: data?.hasMore ?? false, isBusy, error, more, reload };
}

/** Calls back now and then, while somebody looks at this tab. */
export function useWhileSeen(work: () => void, everyMs: number): void {
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && work(), everyMs);
    return () => clearInterval(timer);
  }, [work, everyMs]);
}

/** Runs an action of a button: busy while it runs, its error afterwards. */
export function useAction<Args extends readonly unknown[]>(action: (...args: Args) => Promise<void>) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async (...args: Args) => {
    setBusy(true);
    setError(null);
    try {
      await action(...args);
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, error, run };
}
