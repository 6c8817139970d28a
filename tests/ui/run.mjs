#!/usr/bin/env node
// node run.mjs FILE.test.mjs: runs one test file in a browser, or says why it cannot and exits with
// 77, which CTest shows as skipped.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findBinary, Observatory } from '../e2e/support/observatory.mjs';
import { findChromium, hasPackages } from './support/browser.mjs';

const kSkipped = 77;

function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(kSkipped);
}

if (!hasPackages()) skip('the npm packages of ui are not installed; run ./dev setup');
if (!findChromium()) skip('there is no Chromium; install the package chromium, or set CHROMIUM');
if (!findBinary()) skip('there is no observatory binary; run ./dev build, or set OBSERVATORY_BIN');
const server = await Observatory.start();
const page = await (await server.request('/')).text();
await server.stop();
if (!page.includes('<base href="./">')) skip('the binary embeds the plain page; build ui first (./dev build does)');
await import(pathToFileURL(resolve(process.argv[2])));
