import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Two pages, nothing from a CDN, nothing inline: the gateway's content security policy allows neither. */
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    // Not `assets`: that is a path of the console's own.
    assetsDir: 'static',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 6_000,
    rolldownOptions: { input: { index: page('index.html'), graphiql: page('graphiql.html') } },
  },
  worker: { format: 'es' },
});
