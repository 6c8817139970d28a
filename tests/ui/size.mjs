#!/usr/bin/env node
// What the first page loads, and all there is, packed; exits with 1 above the budget.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const kFirstLoad = 250_000;
const kTotal = 600_000;
const kDist = fileURLToPath(new URL('../../ui/dist', import.meta.url));
const kFirstPage = ['index.html', 'src/features/home/Home.tsx'];

if (!existsSync(join(kDist, '.vite/manifest.json'))) {
  console.log('skipped: ui/dist is not built; run ./dev build');
  process.exit(77);
}
const manifest = JSON.parse(readFileSync(join(kDist, '.vite/manifest.json'), 'utf8'));
const files = new Set(['index.html']);
const seen = new Set();
function visit(key) {
  if (seen.has(key)) return;
  seen.add(key);
  const chunk = manifest[key];
  for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
  (chunk.imports ?? []).forEach(visit);
}
kFirstPage.forEach(visit);
const inter = readdirSync(join(kDist, 'assets')).find((name) => /^inter-.*\.woff2$/.test(name));
files.add(`assets/${inter}`);

const sizeOf = (file) => statSync([`${file}.gz`, file].map((name) => join(kDist, name)).find(existsSync)).size;
const first = [...files].map((file) => [sizeOf(file), file]).sort(([a], [b]) => b - a);
const sum = first.reduce((total, [size]) => total + size, 0);
const total = readdirSync(kDist, { recursive: true }).filter((file) => !/\.(gz|br)$|^\.|manifest/.test(file) && statSync(join(kDist, file)).isFile())
  .reduce((all, file) => all + sizeOf(file), 0);
for (const [size, file] of first) console.log(`${String(size).padStart(8)}  ${file}`);
console.log(`first load ${sum} of ${kFirstLoad} bytes, everything ${total} of ${kTotal} bytes (gzip; the font as it is)`);
process.exit(sum > kFirstLoad || total > kTotal ? 1 : 0);
