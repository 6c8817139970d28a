// Runs the real binary: start, ask, stop, kill.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const kRoot = fileURLToPath(new URL('../../..', import.meta.url));
const kStartDeadlineMs = 60_000;

export function findBinary() {
  const candidates = process.env.OBSERVATORY_BIN
    ? [process.env.OBSERVATORY_BIN]
    : ['dev', 'release'].map((preset) => join(kRoot, `build/${preset}/bin/observatory`));
  return candidates.find((path) => existsSync(path));
}

export function makeFolder() {
  const path = mkdtempSync(join(tmpdir(), 'observatory-e2e-'));
  process.on('exit', () => {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    } catch { /* it is in the temporary folder */ }
  });
  return path;
}

// Nanosecond times do not fit into a JS number; they are returned as strings.
export function parseJson(text) {
  return JSON.parse(text.replace(/"(\w*(?:_unix_nano|UnixNano))":(\d+)/g, '"$1":"$2"'));
}

// Runs the binary to its end. Resolves to {code, stdout, stderr}.
export function runBinary(args, { input, env } = {}) {
  const child = spawn(findBinary(), args, { env: { ...process.env, ...env }, stdio: 'pipe' });
  const result = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => { result.stdout += chunk; });
  child.stderr.on('data', (chunk) => { result.stderr += chunk; });
  child.stdin.on('error', () => {});  // it may exit without reading
  child.stdin.end(input ?? '');
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...result }));
  });
}

export class Observatory {
  // Resolves when the server serves. Options: dataDir (default: a new one), args, env, headers
  // (sent with every request of this object).
  static async start({ dataDir = makeFolder(), args = [], env = {}, headers = {} } = {}) {
    const server = new Observatory();
    server.dataDir = dataDir;
    server.headers = headers;
    await server.#launch(args, env);
    return server;
  }

  async #launch(args, env) {
    const readyFile = join(this.dataDir, 'ready.json');
    rmSync(readyFile, { force: true });
    this.child = spawn(findBinary(), [
      'serve', '--data-dir', join(this.dataDir, 'store'), '--ready-file', readyFile,
      ...(args.includes('--http-listen') ? [] : ['--http-listen', '127.0.0.1:0']),
      '--grpc-listen', '127.0.0.1:0', ...args,
    ], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.output = '';
    const keep = (chunk) => { this.output = (this.output + chunk).slice(-65536); };
    this.child.stdout.on('data', keep);
    this.child.stderr.on('data', keep);
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => { this.exit = { code, signal }; resolve(this.exit); });
    });
    const killOnExit = () => this.child.kill('SIGKILL');
    process.once('exit', killOnExit);
    this.ended.then(() => process.off('exit', killOnExit));
    this.#keepNodeAlive(false);  // a failed test leaves its server to the exit handler
    const ready = await this.#waitForReadyFile(readyFile);
    this.ready = ready;
    this.http = ready.http.startsWith('http') ? ready.http : `http://${ready.http}`;
    this.grpc = ready.grpc;
  }

  async #waitForReadyFile(path) {
    const deadline = Date.now() + kStartDeadlineMs;
    while (!this.exit) {
      try {
        return JSON.parse(readFileSync(path, 'utf8'));
      } catch {
        if (Date.now() > deadline) throw new Error(`not ready after a minute:\n${this.output}`);
        await sleep(10);
      }
    }
    throw new Error(`the server ended (${JSON.stringify(this.exit)}):\n${this.output}`);
  }

  request(path, { headers, ...options } = {}) {
    return fetch(this.http + path, { ...options, headers: { ...this.headers, ...headers } });
  }

  // The parsed body of a 200; anything else is an error.
  async get(path) {
    const response = await this.request(path);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${text}`);
    return parseJson(text);
  }

  postOtlp(signal, body, headers = {}) {
    return this.request(`/v1/${signal}`, {
      method: 'POST', body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  // All rows as objects, by column name.
  async sql(query) {
    const response = await this.request('/api/v1/sql?limit=1000000', {
      method: 'POST', body: JSON.stringify({ query }), headers: { 'content-type': 'application/json' },
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`sql: ${response.status} ${text}\n${query}`);
    const { columns, rows, truncated } = JSON.parse(text);
    if (truncated) throw new Error(`sql: the result is cut\n${query}`);
    return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i]])));
  }

  // Runs a client command of the binary against this server.
  cli(args, options) {
    return runBinary([...args, '--server', this.http], options);
  }

  #keepNodeAlive(yes) {
    for (const handle of [this.child, this.child.stdout, this.child.stderr]) yes ? handle.ref() : handle.unref();
  }

  // SIGTERM; resolves to the exit code.
  async stop() {
    this.#keepNodeAlive(true);
    this.child.kill('SIGTERM');
    return (await this.ended).code;
  }

  async kill9() {
    this.#keepNodeAlive(true);
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
