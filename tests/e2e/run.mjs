#!/usr/bin/env node
// node run.mjs FILE.test.mjs: runs one test file, or says why it cannot and exits with 77, which
// CTest shows as skipped.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { findBinary } from './support/observatory.mjs';

const kSkipped = 77;

function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(kSkipped);
}

const kPackages = new URL('node_modules/.package-lock.json', import.meta.url);
if (!existsSync(kPackages)) skip('the npm packages of tests/e2e are not installed; run ./dev setup');
if (!findBinary()) skip('there is no observatory binary; run ./dev build, or set OBSERVATORY_BIN');
await import(pathToFileURL(resolve(process.argv[2])));
