// A full disk: clear refusals, nothing acknowledged is lost, writing goes on when space returns.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder, Observatory, runBinary } from '../e2e/support/observatory.mjs';
import { kSpansPerRequest, Load } from './load.mjs';
import { verify } from './verify.mjs';

const kDiskMb = 384;
const kBallastMb = 192;
const kFillDeadlineMs = 120_000;
const kRecoverDeadlineMs = 30_000;
const kRetryStatuses = [429, 503];

function mountTmpfs(folder) {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kDiskMb}m`, 'tmpfs', folder], { stdio: 'pipe' });
    process.prependListener('exit', () => {  // before the folder is removed
      try {
        execFileSync('umount', ['-l', folder], { stdio: 'pipe' });
      } catch { /* the folder is temporary anyway */ }
    });
    return true;
  } catch {
    return false;
  }
}

async function until(deadlineMs, condition) {
  const deadline = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

function checkRefusals(refusals) {
  const problems = [];
  for (const { status, text, headers } of refusals) {
    if (!kRetryStatuses.includes(status)) problems.push(`refused with ${status}: ${text}`);
    else if (!headers['retry-after']) problems.push(`refused with ${status} without Retry-After`);
  }
  if (!refusals.some(({ text }) => /space|disk|full/i.test(text))) {
    problems.push(`no refusal says that the disk is full: ${refusals.at(-1)?.text}`);
  }
  return [...new Set(problems)];
}

// Fills what is left, so that the disk is full at once and stays so.
function fillDisk(mount, keepBytes) {
  const { bavail, bsize } = statfsSync(mount);
  const bytes = Math.max(0, bavail * bsize - keepBytes);
  writeFileSync(join(mount, 'filler'), Buffer.alloc(bytes, 1));
}

export async function runDiskFull({ random, print }) {
  if (process.getuid?.() !== 0) return { skipped: 'a small file system can only be mounted by root' };
  const mount = makeFolder();
  if (!mountTmpfs(mount)) return { skipped: 'cannot mount a tmpfs here' };
  const dataDir = join(mount, 'data');
  mkdirSync(dataDir);
  writeFileSync(join(mount, 'ballast'), Buffer.alloc(kBallastMb << 20, 1));

  let server = await Observatory.start({ dataDir });
  const problems = [];
  const full = new Load(server, 'disk-full', 4);
  await until(kFillDeadlineMs, () => full.acknowledged.length >= 50);
  fillDisk(mount, 1 << 20);
  if (!await until(kFillDeadlineMs, () => full.refusals.length >= 20)) problems.push('the disk never got full');
  await full.stop();
  if (full.open.size > 0) problems.push(`${full.open.size} requests got no answer`);
  problems.push(...checkRefusals(full.refusals));
  print(`full: ${full.acknowledged.length * kSpansPerRequest} spans acknowledged, then ` +
        `${full.refusals.length} refusals, the last: ${full.refusals.at(-1)?.text}`);
  const reads = [await verify(server, full, random)];  // reading goes on

  for (const name of ['filler', 'ballast']) rmSync(join(mount, name));
  const began = Date.now();
  const again = new Load(server, 'space-again', 2);
  if (!await until(kRecoverDeadlineMs, () => again.acknowledged.length >= 50)) {
    problems.push(`no recovery: ${again.refusals.at(-1)?.text}`);
  }
  print(`space returned: 50 requests acknowledged after ${Date.now() - began} ms`);
  await again.stop();
  reads.push(await verify(server, full, random), await verify(server, again, random));

  await server.kill9();
  server = await Observatory.start({ dataDir });
  reads.push(await verify(server, full, random), await verify(server, again, random));
  const code = await server.stop();
  if (code !== 0) problems.push(`the server exited with ${code}`);
  const doctor = await runBinary(['doctor', '--data-dir', join(dataDir, 'store')]);
  if (doctor.code !== 0) problems.push(`doctor: ${doctor.stdout}${doctor.stderr}`);
  const sum = (field) => reads.reduce((total, read) => total + read[field], 0);
  return {
    acknowledged: (full.acknowledged.length + again.acknowledged.length) * kSpansPerRequest,
    lost: sum('lost'), duplicated: sum('duplicated'), torn: sum('torn'),
    problems: [...problems, ...reads.flatMap((read) => read.problems)],
  };
}
