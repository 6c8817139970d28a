#!/usr/bin/env node
// Types and unit tests of ui/; exits with 77 where its packages are missing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const kUi = fileURLToPath(new URL('../../ui', import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);

function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(77);
}

if (!existsSync(`${kUi}/node_modules/vitest`)) skip('the npm packages of ui are not installed; run ./dev setup');
if (major < 20 || (major === 20 && minor < 19)) skip(`the tools of ui need Node 20.19, this is ${process.version}`);
for (const [tool, ...args] of [['tsc', '--noEmit'], ['vitest', 'run']]) {
  const { status } = spawnSync(`${kUi}/node_modules/.bin/${tool}`, args, { cwd: kUi, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
