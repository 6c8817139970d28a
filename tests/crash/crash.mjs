#!/usr/bin/env node
// Proves that acknowledged spans survive: load at full speed, kill -9 at a random moment, restart
// on the same data directory, compare. Needs no npm packages.
//
//   node crash.mjs [--cycles 200] [--seed N] [--connections 6] [--seal-rows 3000] [--torn] [--json]
//   node crash.mjs --disk-full [--seed N] [--json]
//
// --seal-rows: rows in memory before they are sealed; few, so that kills hit seals too.
// --torn also writes a broken half frame behind the end of the log before each restart.
// --disk-full fills a small file system (needs root), and gives space back.
// Exit code: 0 nothing lost, 1 a problem, 77 cannot run here (CTest shows that as skipped).
import { readdirSync, readFileSync, statSync, openSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findBinary, makeFolder, Observatory, runBinary } from '../e2e/support/observatory.mjs';
import { runDiskFull } from './disk_full.mjs';
import { kSpansPerRequest, Load, makeRandom } from './load.mjs';
import { countSpans, verify } from './verify.mjs';

const kSkipped = 77;
const { values: args } = parseArgs({
  options: {
    cycles: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    connections: { type: 'string', default: '6' },
    'seal-rows': { type: 'string', default: '3000' },
    torn: { type: 'boolean', default: false },
    'disk-full': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const random = makeRandom(Number(args.seed));
const kServerArgs = ['--storage-seal-rows', args['seal-rows']];

function print(line) {
  if (!args.json) console.log(line);
}

// Overwrites what follows the last written byte of the newest log segment with garbage, as a write
// that was under way would leave it.
function tearLog(dataDir) {
  const folder = join(dataDir, 'store', 'wal');
  const files = readdirSync(folder).map((name) => join(folder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  const bytes = readFileSync(files[0]);
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) --end;
  const garbage = Buffer.from(Array.from({ length: 8 + Math.floor(random() * 4096) }, () => 1 + random() * 255));
  const file = openSync(files[0], 'r+');
  writeSync(file, garbage, 0, garbage.length, Math.ceil(end / 8) * 8);
  closeSync(file);
}

// Clients send again what they got no answer to; everything must be there exactly once then.
async function redeliver(server, load) {
  load.url = server.http;
  const keys = [...load.open, ...load.acknowledged.slice(-2)];
  for (const key of keys) {
    const answer = await load.send(key);
    if (answer.status !== 200) throw new Error(`redelivery: ${answer.status} ${answer.text}`);
  }
  load.acknowledged.push(...load.open);
  load.open.clear();
}

async function runCycle(cycle, server, dataDir) {
  const load = new Load(server, `crash-${cycle}`, Number(args.connections));
  const delay = Math.floor(20 + random() * random() * 1500);
  await sleep(delay);
  await server.kill9();
  await load.stop();
  if (args.torn) tearLog(dataDir);

  const began = performance.now();
  const next = await Observatory.start({ dataDir, args: kServerArgs });
  const restartMs = Math.round(performance.now() - began);
  const acknowledged = load.acknowledged.length * kSpansPerRequest;
  const after = await verify(next, load, random);
  await redeliver(next, load);
  const again = await verify(next, load, random);
  const refused = load.refusals.length;
  return { next, result: {
    cycle, killed_after_ms: delay, acknowledged, stored: after.spans, refused, restart_ms: restartMs,
    lost: after.lost + again.lost, duplicated: after.duplicated + again.duplicated,
    torn: after.torn + again.torn, problems: [...after.problems, ...again.problems], total: again.spans } };
}

async function runCycles(cycles) {
  const dataDir = makeFolder();
  let server = await Observatory.start({ dataDir, args: kServerArgs });
  const results = [];
  let total = 0;
  for (let cycle = 1; cycle <= cycles; ++cycle) {
    const { next, result } = await runCycle(cycle, server, dataDir);
    server = next;
    total += result.total;
    const stored = await countSpans(server);
    if (stored !== total) result.problems.push(`${stored} spans are stored, ${total} were expected`);
    total = stored;
    results.push(result);
    print(`cycle ${cycle}: killed after ${result.killed_after_ms} ms, acknowledged ${result.acknowledged}, ` +
          `lost ${result.lost}, duplicated ${result.duplicated}, restart ${result.restart_ms} ms` +
          result.problems.map((problem) => `\n  ${problem}`).join(''));
  }
  const code = await server.stop();
  const doctor = await runBinary(['doctor', '--data-dir', join(dataDir, 'store')]);
  const sum = (field) => results.reduce((total, result) => total + result[field], 0);
  const problems = results.flatMap((result) => result.problems);
  if (code !== 0) problems.push(`the server exited with ${code}`);
  if (doctor.code !== 0) problems.push(`doctor: ${doctor.stdout}${doctor.stderr}`);
  return {
    seed: Number(args.seed), cycles, acknowledged: sum('acknowledged'), stored: total,
    lost: sum('lost'), duplicated: sum('duplicated'), torn: sum('torn'),
    restart_ms_max: Math.max(...results.map((result) => result.restart_ms)), problems,
  };
}

if (!findBinary()) {
  console.log('skipped: there is no observatory binary; run ./dev build, or set OBSERVATORY_BIN');
  process.exit(kSkipped);
}
const summary = args['disk-full'] ? await runDiskFull({ random, print })
                                  : await runCycles(Number(args.cycles));
if (summary.skipped) {
  console.log(`skipped: ${summary.skipped}`);
  process.exit(kSkipped);
}
const failed = summary.lost + summary.duplicated + summary.torn + summary.problems.length;
if (args.json) {
  console.log(JSON.stringify(summary, null, 1));
} else {
  console.log(`seed ${args.seed}: ${summary.acknowledged} spans acknowledged, ${summary.lost} lost, ` +
              `${summary.duplicated} duplicated, ${summary.torn} requests stored in part, ` +
              `${summary.problems.length} problems`);
  for (const problem of summary.problems) console.log(`  ${problem}`);
}
process.exit(failed === 0 ? 0 : 1);
