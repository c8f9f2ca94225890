import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './page.css';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-sse';
import { createRoot } from 'react-dom/client';
import { csrfHeaders, loadSession } from '../api.ts';
import { EXAMPLES } from './examples.ts';

const explorer = explorerPlugin();

/** GraphiQL, signed in by the session cookie; subscriptions come as server-sent events. */
async function open(): Promise<void> {
  await loadSession();
  // Somebody may sign in or out in another tab.
  window.addEventListener('focus', () => void loadSession().catch(() => undefined));
  const live = createClient({ url: '/graphql', headers: csrfHeaders });
  const http = createGraphiQLFetcher({ url: '/graphql' });
  const root = document.getElementById('root');
  if (!root) return;
  root.textContent = '';
  createRoot(root).render(
    <GraphiQL
      fetcher={(request, options) => {
        const isStream =
          /(^|\n|\})\s*subscription\b/.test(request.query) &&
          (!request.operationName || new RegExp(`subscription\\s+${request.operationName}\\b`).test(request.query));
        if (!isStream) return http(request, { ...options, headers: { ...options?.headers, ...csrfHeaders() } });
        return live.iterate({
          query: request.query,
          variables: request.variables,
          ...(request.operationName ? { operationName: request.operationName } : {}),
        }) as never;
      }}
      plugins={[explorer]}
      defaultTabs={EXAMPLES}
      defaultEditorToolsVisibility="variables"
    />,
  );
}

void open();
