import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// OBSERVATORY_URL is the server that `npm run dev` takes its data from.
const server = process.env.OBSERVATORY_URL ?? 'http://127.0.0.1:4318';

// The server writes <base href> for the depth of each page; the development server has one depth.
const rootBase: Plugin = {
  name: 'root-base', apply: 'serve',
  transformIndexHtml: (html) => html.replace('<base href="./">', '<base href="/">'),
};

export default defineConfig(({ command }) => ({
  base: command === 'serve' ? '/' : './',
  plugins: [react(), rootBase],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 400,
    reportCompressedSize: false,
    manifest: true,
  },
  server: { proxy: { '/api': server, '/v1': server, '/metrics': server } },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx'] },
}));
