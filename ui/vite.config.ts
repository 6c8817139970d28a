import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// OBSERVATORY_URL is the server that `npm run dev` takes its data from.
const server = process.env.OBSERVATORY_URL ?? 'http://127.0.0.1:4318';

export default defineConfig({
  base: './',
  plugins: [react()],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 400,
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': server, '/v1': server, '/metrics': server } },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx'] },
});
