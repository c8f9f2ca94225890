import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './page.css';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import type { ExecutionResult } from 'graphql';
import { createClient } from 'graphql-sse';
import { createRoot } from 'react-dom/client';
import { csrfHeaders, loadSession } from '../api.ts';
import { EXAMPLES } from './examples.ts';
import { keepPlan, PLAN_HEADER } from './plan.ts';
import { planPlugin } from './plan-panel.tsx';

const explorer = explorerPlugin();

/** GraphiQL, signed in by the session cookie; subscriptions come as server-sent events. */
async function open(): Promise<void> {
  await loadSession();
  // Somebody may sign in or out in another tab.
  window.addEventListener('focus', () => void loadSession().catch(() => undefined));
  const live = createClient({ url: '/graphql', headers: csrfHeaders });
  const http = createGraphiQLFetcher({ url: '/graphql', enableIncrementalDelivery: false });
  /** GraphiQL's own question about the schema has no plan. */
  const ask: Fetcher = async (request, options) => {
    const isOwn = request.operationName === 'IntrospectionQuery';
    const headers = { ...options?.headers, ...csrfHeaders(), ...(isOwn ? {} : PLAN_HEADER) };
    const answer = await http(request, { ...options, headers });
    return isOwn || !isResult(answer) ? answer : keepPlan(answer);
  };
  const root = document.getElementById('root');
  if (!root) return;
  root.textContent = '';
  createRoot(root).render(
    <GraphiQL
      fetcher={(request, options) => {
        const isStream =
          /(^|\n|\})\s*subscription\b/.test(request.query) &&
          (!request.operationName || new RegExp(`subscription\\s+${request.operationName}\\b`).test(request.query));
        if (!isStream) return ask(request, options);
        return live.iterate({
          query: request.query,
          variables: request.variables,
          ...(request.operationName ? { operationName: request.operationName } : {}),
        }) as never;
      }}
      plugins={[explorer, planPlugin]}
      defaultTabs={EXAMPLES}
      defaultEditorToolsVisibility="variables"
    />,
  );
}

function isResult(answer: object): answer is ExecutionResult {
  return 'data' in answer || 'errors' in answer;
}

void open();
