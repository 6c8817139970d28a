// Telemetry is text from strangers: it stays text, and sends no request.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { resourceSpans, Trace } from './support/agents.mjs';
import { onStage } from './support/stage.mjs';

const kScript = '<script>window.hacked = 1; alert(1)</script><img src=x onerror="window.hacked=1">';
let beacon;
let beaconUrl;
let hits = 0;
let trace;

function hostileText() {
  return [kScript, `![pixel](${beaconUrl}/pixel.png?secret=1)`, `[click me](javascript:window.hacked=1)`, `[bank](${beaconUrl}/phish)`,
          `<a href="${beaconUrl}/raw">raw</a>`, `<iframe src="${beaconUrl}/frame"></iframe>`, `<style>@import "${beaconUrl}/css"; body{display:none}</style>`,
          '\u001b]8;;http://evil\u0007term\u001b[31mred', 'invoice\u202egnp.exe', '"><svg/onload=window.hacked=1>', `[ref]\n\n[ref]: ${beaconUrl}/ref "title"`].join('\n\n');
}

async function feed({ server, send }) {
  beacon = createServer((_, response) => { ++hits; response.end(); });
  await new Promise((resolve) => { beacon.listen(0, '127.0.0.1', resolve); });
  beaconUrl = `http://127.0.0.1:${beacon.address().port}`;
  const text = hostileText();
  const now = Date.now() - 60_000;
  trace = new Trace('hostile');
  const root = trace.add({ name: `${kScript} run`, start: now, end: now + 900, error: text, attributes: {
    'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': kScript, 'user.input': text, 'result.preview': text, 'session.id': `s/${kScript}`, 'user.id': kScript } });
  trace.add({ name: 'chat', parent: root, start: now + 1, end: now + 500, attributes: {
    'gen_ai.operation.name': 'chat', 'gen_ai.response.model': kScript, [`${kScript}.key`]: kScript,
    'gen_ai.input.messages': JSON.stringify([{ role: kScript, parts: [{ type: 'text', content: text }] }, { role: 'user', parts: [
      { type: 'uri', modality: 'image', uri: `${beaconUrl}/remote.png`, mime_type: 'image/png' }, { type: 'blob', modality: 'image', mime_type: 'image/svg+xml', content: Buffer.from(`<svg onload="window.hacked=1"/>`).toString('base64').repeat(20) }] }]),
    'gen_ai.output.messages': JSON.stringify([{ role: 'assistant', parts: [{ type: 'text', content: text }, { type: 'tool_call', id: kScript, name: kScript, arguments: { html: text } }] }]) } });
  trace.add({ name: 'execute_tool big', parent: root, start: now + 510, end: now + 520, attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'big',
    'gen_ai.tool.call.result': JSON.stringify({ picture: `data:image/png;base64,${'QUJD'.repeat(700_000)}`, html: text }) } });
  await send('traces', resourceSpans(kScript, 'prod', trace.spans));
  await send('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: `${now}000000`, severityNumber: 17, body: { stringValue: text }, traceId: trace.traceId }] }] }] });
  await server.request('/api/v1/scores', { method: 'POST', body: JSON.stringify({ trace_id: trace.traceId, name: kScript, value: kScript, comment: text }) });
}

const stage = onStage({ feed });
after(() => beacon.close());

const kPaths = (id, spans) => ['/', '/ui/runs', `/ui/runs?peek=${id}`, `/ui/runs/${id}`, ...spans.map(({ spanId }) => `/ui/runs/${id}?span=${spanId}`), `/ui/runs/${id}?view=conversation`,
  `/ui/runs/${id}?view=graph`, `/ui/runs/${id}?view=logs`, `/ui/runs/${id}?view=scores`, '/ui/sessions', `/ui/sessions/${encodeURIComponent(`s/${kScript}`)}`, '/ui/logs', '/ui/cost', '/ui/cost?by=user&and=model', '/ui/cost?view=prices', '/ui/ingest',
  '/ui/agents', '/ui/agents?view=map', `/ui/agents?agent=${encodeURIComponent(kScript)}`, '/ui/users', `/ui/runs?compare=1&pick=${id},${id}`, '/ui/runs?heat=duration', `/ui/runs/${id}?view=graph&graph=table`,
  '/ui/sql?show=chart&sql=select+agent,+count(*)+as+n+from+runs+group+by+1',
  '/ui/sql?sql=select+*+from+spans', `/ui/runs?query=${encodeURIComponent(kScript)}`, `/ui/${encodeURIComponent(kScript)}`];

test('no view runs, loads or hides anything', async () => {
  const tab = await stage.open();
  for (const path of kPaths(trace.traceId, trace.spans)) {
    await tab.goto(path);
    const found = await tab.page.evaluate(() => ({ hacked: window.hacked, alien: document.querySelectorAll('iframe, embed, object, [onerror], [onload], a[href^="javascript:" i], #root script, #root style').length,
                                                   images: [...document.images].map(({ src }) => src).filter((src) => !src.endsWith('/icon.svg')) }));
    assert.deepEqual(found, { hacked: undefined, alien: 0, images: [] }, path);
  }
  tab.assertQuiet({ refused: 2 });  // the script as a query: the runs and the counts beside them
  assert.equal(hits, 0);
  await tab.close();
});

test('what was sent is what is read: markup as text, hidden characters made visible, links with their target', async () => {
  const tab = await stage.open();
  await tab.goto(`/ui/runs/${trace.traceId}?span=${trace.spans[1].spanId}`);
  const text = await tab.text();
  for (const wanted of ['<script>window.hacked', '␛[31mred', 'invoice⟨U+202E⟩gnp.exe', 'javascript:window.hacked=1', `${beaconUrl}/phish`, `${beaconUrl}/pixel.png`]) assert.ok(text.includes(wanted), wanted);
  for (const link of await tab.page.locator('article a').all()) {
    assert.match(await link.getAttribute('rel'), /noopener/);
    assert.match(await link.getAttribute('href'), /^(https?|mailto):/);
  }
  await tab.page.getByRole('tab', { name: 'Attributes' }).click();
  await tab.page.getByRole('tab', { name: 'Raw' }).click();
  tab.assertQuiet();
  assert.equal(hits, 0);
  await tab.close();
});

test('megabytes of base64 are a chip with a size', async () => {
  const tab = await stage.open();
  await tab.goto(`/ui/runs/${trace.traceId}?span=${trace.spans[2].spanId}`);
  await tab.sees(/image\/png · 2\.0 MiB/);
  assert.ok((await tab.text()).length < 20_000);
  await tab.close();
});
