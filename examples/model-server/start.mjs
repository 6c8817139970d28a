// Starts `observatory model-server` for Node.js programs: tests, the demo, your own.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const kStartDeadlineMs = 30_000;

function findBinary() {
  const built = ['release', 'dev'].map(
    (preset) => fileURLToPath(new URL(`../../build/${preset}/bin/observatory`, import.meta.url)));
  const found = [process.env.OBSERVATORY_BIN, ...built].find((path) => path && existsSync(path));
  if (!found) throw new Error('there is no observatory binary; run ./dev build, or set OBSERVATORY_BIN');
  return found;
}

async function waitForReadyFile(path, child) {
  for (const deadline = Date.now() + kStartDeadlineMs; child.exitCode === null; await sleep(10)) {
    if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
    if (Date.now() > deadline) break;
  }
  throw new Error('the model server did not start');
}

// Options: seed, latencyMs (to the first token), scenarios (rules as in README.md), args (further
// arguments). Resolves to {url, close()}; `url` ends in /v1.
export async function startModelServer({ seed = 1, latencyMs = 0, scenarios = [], args = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'model-server-'));
  const script = join(folder, 'script.json');
  const readyFile = join(folder, 'ready.json');
  writeFileSync(script, JSON.stringify(scenarios));
  const child = spawn(findBinary(), [
    'model-server', '--listen', '127.0.0.1:0', '--seed', String(seed), '--script', script,
    '--first-token', `${latencyMs}ms`, '--ready-file', readyFile, ...args,
  ], { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk) => { output += chunk; });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  try {
    const { http } = await waitForReadyFile(readyFile, child);
    child.unref();
    child.stderr.unref();
    return {
      url: `http://${http}/v1`,
      close: async () => {
        process.off('exit', kill);
        child.ref();  // Node.js must live until it has ended
        child.kill('SIGTERM');
        await ended;
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${error.message}: ${output}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
