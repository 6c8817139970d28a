// Load that can be checked afterwards: every request is a trace of twenty spans that is made, byte
// for byte, from its number.
import { createHash } from 'node:crypto';
import http from 'node:http';

export const kSpansPerRequest = 20;

// A small seeded generator (mulberry32): numbers in [0, 1).
export function makeRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const kHistory = 'The assistant answers questions about orders. It is polite and brief. '.repeat(12);

// The prompt of span `i`: a shared beginning, an own end, sometimes long.
export function promptOf(key, i) {
  return `${kHistory}${key} asks question ${i}. ${'More of it. '.repeat(i === 7 ? 400 : i)}`;
}

export function traceIdOf(key) {
  return createHash('md5').update(key).digest('hex');
}

export function spanIdOf(i) {
  return (i + 1).toString(16).padStart(16, '0');
}

// key: "<worker>-<request>", unique within the service.
export function makeRequest(service, key) {
  const traceId = traceIdOf(`${service}/${key}`);
  const start = BigInt(Date.now()) * 1000000n;
  const spans = Array.from({ length: kSpansPerRequest }, (_, i) => ({
    traceId, spanId: spanIdOf(i), parentSpanId: i === 0 ? '' : spanIdOf(0), name: `${key}-${i}`, kind: 1,
    startTimeUnixNano: String(start + BigInt(i)), endTimeUnixNano: String(start + BigInt(1000 + i)),
    attributes: [{ key: 'input.value', value: { stringValue: promptOf(key, i) } },
                 { key: 'openinference.span.kind', value: { stringValue: i === 0 ? 'AGENT' : 'LLM' } },
                 { key: 'i', value: { intValue: String(i) } }],
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
}

function post(url, agent, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(`${url}/v1/traces`, {
      agent, method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => { text += chunk; });
      response.on('end', () => (response.complete
        ? resolve({ status: response.statusCode, headers: response.headers, text })
        : reject(new Error('the answer broke off'))));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

// Sends as fast as the answers come, over `connections` connections, until Stop or the end of the
// server. `acknowledged` holds the keys whose answer was 200, `open` those without an answer.
export class Load {
  constructor(server, service, connections) {
    this.url = server.http;
    this.service = service;
    this.acknowledged = [];
    this.open = new Set();
    this.refusals = [];  // answers other than 200
    this.stopped = false;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: connections });
    this.workers = Array.from({ length: connections }, (_, worker) => this.#work(worker));
  }

  async #work(worker) {
    for (let number = 0; !this.stopped; ++number) {
      const key = `${worker}-${number}`;
      this.open.add(key);
      const answer = await this.send(key).catch(() => null);
      if (answer === null) return;  // the server is gone; the key stays open
      this.open.delete(key);
      if (answer.status === 200) {
        if (answer.text !== '{}') throw new Error(`unexpected answer: ${answer.text}`);
        this.acknowledged.push(key);
      } else {
        this.refusals.push({ key, ...answer });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  send(key) {
    return post(this.url, this.agent, makeRequest(this.service, key));
  }

  async stop() {
    this.stopped = true;
    await Promise.all(this.workers);
    this.agent.destroy();
  }
}
