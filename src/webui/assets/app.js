// The run list, kept up to date by server-sent events, and the trace of one run. Whatever comes
// from telemetry enters the page as text only.

const byId = (id) => document.getElementById(id);
const kRowHeight = 24;
const kPageSize = 50;
const kMaxRows = 500;

// --- Elements and formats ---------------------------------------------------------------------

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = String(text);
  return node;
}

function show(node, visible) { node.hidden = !visible; }

function formatDuration(ms) {
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`;
  return `${Math.floor(ms / 60000)} m ${Math.round((ms % 60000) / 1000)} s`;
}

function formatCost(usd) {
  if (usd === 0) return "";
  return usd < 0.01 ? `$${usd.toFixed(5)}` : `$${usd.toFixed(2)}`;
}

function formatStart(rfc3339) {
  const time = new Date(rfc3339);
  const today = new Date().toDateString() === time.toDateString();
  return today ? time.toLocaleTimeString() : time.toLocaleString();
}

async function fetchOk(path, headers) {
  const response = await fetch(path, { headers });
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  throw new Error(body?.error?.message ?? `the server answered ${response.status}`);
}

// --- The run list -----------------------------------------------------------------------------

const list = {
  runs: new Map(),  // trace id to run
  cursor: null,
  generation: 0,    // answers to older questions are thrown away
  selected: null,

  filtered() { return byId("q").value !== "" || byId("status").value !== ""; },

  query(cursor) {
    const query = new URLSearchParams({ limit: kPageSize });
    if (byId("q").value) query.set("q", byId("q").value);
    if (byId("status").value) query.set("status", byId("status").value);
    if (cursor) query.set("cursor", cursor);
    return `/api/v1/runs?${query}`;
  },

  async load(cursor = null) {
    const generation = ++this.generation;
    try {
      const page = await (await fetchOk(this.query(cursor))).json();
      if (generation !== this.generation) return;
      if (!cursor) this.clear();
      for (const run of page.runs) this.put(run, false);
      this.cursor = page.next_cursor;
      show(byId("problem"), false);
    } catch (error) {
      if (generation !== this.generation) return;
      byId("problem").textContent = error.message;
      show(byId("problem"), true);
    }
    this.update();
  },

  clear() {
    this.runs.clear();
    byId("runs").replaceChildren();
  },

  // Inserts the run where its start puts it, or replaces its row.
  put(run, fresh) {
    const old = this.runs.get(run.trace_id);
    old?.row.remove();
    const row = makeRunRow(run);
    if (fresh && !old) row.classList.add("fresh");
    row.classList.toggle("selected", run.trace_id === this.selected);
    row.addEventListener("click", () => openTrace(run.trace_id, true));
    row.addEventListener("keydown", (event) => {
      if (event.key === "Enter") openTrace(run.trace_id, true);
    });
    const body = byId("runs");
    let next = body.firstElementChild;
    while (next && next.dataset.start >= run.start) next = next.nextElementSibling;
    body.insertBefore(row, next);
    this.runs.set(run.trace_id, { run, row });
  },

  // A run changed. With filters the server decides what belongs here, shortly after.
  arrive(run) {
    if (this.filtered()) {
      clearTimeout(this.reload);
      this.reload = setTimeout(() => this.load(), 500);
      return;
    }
    this.put(run, true);
    const last = byId("runs").lastElementChild;
    if (this.runs.size > kMaxRows && last) {
      this.runs.delete(last.dataset.id);
      last.remove();
    }
    this.update();
  },

  select(traceId) {
    this.runs.get(this.selected)?.row.classList.remove("selected");
    this.selected = traceId;
    this.runs.get(traceId)?.row.classList.add("selected");
  },

  update() {
    const none = this.runs.size === 0 && byId("problem").hidden;
    show(byId("empty"), none && !this.filtered());
    show(byId("nothing"), none && this.filtered());
    show(document.querySelector("table"), this.runs.size > 0);
    show(byId("more"), Boolean(this.cursor));
  },
};

function makeRunRow(run) {
  const row = element("tr");
  row.tabIndex = 0;
  row.dataset.id = run.trace_id;
  row.dataset.start = run.start;
  const name = element("td");
  const title = element("div", "name");
  const dot = element("span", `dot ${run.status}`);
  dot.title = run.status;
  title.append(dot, run.root_name || "(no name)");
  name.append(title, element("div", "preview", run.error_message || run.input_preview));
  row.append(name,
             element("td", "", run.agent || run.service),
             element("td", "number", run.steps),
             element("td", "number", run.tokens.total.toLocaleString()),
             element("td", "number", formatCost(run.cost_usd)),
             element("td", "number", formatDuration(run.duration_ms)),
             element("td", "time", formatStart(run.start)));
  return row;
}

// --- One trace --------------------------------------------------------------------------------

let trace = null;  // {id, spans, total, open}

function decode(column, count, fallback) {
  if (!column) return new Array(count).fill(fallback);
  return column.dictionary ? column.index.map((i) => column.dictionary[i]) : column;
}

// The columns as spans in tree order, with their depth.
function buildSpans(columns, count) {
  const names = decode(columns.name, count, "");
  const ops = decode(columns.op, count, "other");
  const statuses = decode(columns.status, count, "unset");
  const models = decode(columns.model, count, "");
  const spans = [];
  const children = Array.from({ length: count }, () => []);
  const roots = [];
  for (let i = 0; i < count; ++i) {
    spans.push({ id: columns.span_id[i], name: names[i], op: ops[i], status: statuses[i],
                 model: models[i], start: columns.start_ns[i], duration: columns.duration_ns[i] });
    const parent = columns.parent_row[i];
    (parent >= 0 ? children[parent] : roots).push(i);
  }
  const ordered = [];
  const seen = new Set();
  const visit = (root) => {
    const stack = [[root, 0]];
    while (stack.length > 0) {
      const [i, depth] = stack.pop();
      if (seen.has(i)) continue;
      seen.add(i);
      ordered.push({ ...spans[i], depth });
      for (const child of children[i].reverse()) stack.push([child, depth + 1]);
    }
  };
  roots.forEach(visit);
  for (let i = 0; i < count; ++i) visit(i);  // what hangs in a cycle
  return ordered;
}

function showFacts(run) {
  const facts = [
    ["Status", run.status], ["Agent", run.agent], ["Service", run.service],
    ["Duration", formatDuration(run.duration_ms)], ["Spans", run.spans], ["Steps", run.steps],
    ["Tool calls", run.tool_calls],
    ["Tokens", run.tokens.input + run.tokens.output > 0
        ? `${run.tokens.total} (${run.tokens.input} in, ${run.tokens.output} out)` : run.tokens.total],
    ["Cost", formatCost(run.cost_usd)], ["Models", run.models.join(", ")],
    ["Session", run.session], ["User", run.user], ["Outcome", run.outcome],
    ["Error", run.error_message], ["Missing parents", run.missing_parents || ""],
    ["Trace", run.trace_id],
  ];
  byId("facts").replaceChildren(...facts.filter(([, value]) => value !== "").map(([key, value]) => {
    const pair = element("div");
    pair.append(element("dt", "", key), element("dd", "", value));
    return pair;
  }));
}

function makeSpanRow(span, index) {
  const row = element("div", `row${span.status === "error" ? " error" : ""}`);
  row.setAttribute("role", "treeitem");
  row.style.top = `${index * kRowHeight}px`;
  const label = element("span", "label", span.name || "(no name)");
  label.title = span.model ? `${span.name} · ${span.model}` : span.name;
  label.style.paddingLeft = `${10 + Math.min(span.depth, 24) * 14}px`;
  const lane = element("span", "lane");
  const mark = element("span", "mark");
  mark.classList.add(span.op);
  mark.style.left = `${Math.max(0, (100 * span.start) / trace.total)}%`;
  mark.style.width = `${Math.min(100, (100 * span.duration) / trace.total)}%`;
  lane.append(mark);
  row.append(label, lane, element("span", "took", formatDuration(span.duration / 1e6)));
  row.classList.toggle("selected", span.id === trace.open);
  row.addEventListener("click", () => openSpan(span));
  return row;
}

// Only the rows in view exist, so that ten thousand spans cost no more than fifty.
function drawWaterfall() {
  if (!trace) return;
  const frame = byId("waterfall");
  const first = Math.max(0, Math.floor(frame.scrollTop / kRowHeight) - 5);
  const count = Math.ceil((frame.clientHeight || 600) / kRowHeight) + 10;
  const rows = element("div", "rows");
  rows.style.height = `${trace.spans.length * kRowHeight}px`;
  trace.spans.slice(first, first + count)
      .forEach((span, i) => rows.append(makeSpanRow(span, first + i)));
  frame.replaceChildren(rows);
}

// The list gives up its lesser columns while a trace stands beside it.
function showTrace(visible) {
  show(byId("trace"), visible);
  document.querySelector("main").classList.toggle("split", visible);
}

async function openTrace(id, remember) {
  if (remember) history.pushState(null, "", `/traces/${id}`);
  list.select(id);
  trace = null;
  showTrace(true);
  show(byId("span"), false);
  show(byId("trace-error"), false);
  byId("waterfall").replaceChildren();
  byId("facts").replaceChildren();
  byId("summary").textContent = "";
  byId("trace-title").textContent = "Loading";
  await loadTrace(id);
}

async function loadTrace(id) {
  const path = `/api/v1/traces/${encodeURIComponent(id)}`;
  try {
    const answer = await (await fetchOk(path)).json();
    if (list.selected !== id) return;
    const spans = buildSpans(answer.columns, answer.span_count);
    const total = spans.reduce((end, span) => Math.max(end, span.start + span.duration), 1);
    trace = { id, spans, total, open: trace?.open ?? null };
    byId("trace-title").textContent = answer.run.root_name || "(no name)";
    showFacts(answer.run);
    drawWaterfall();
    const summary = await (await fetchOk(`${path}/summary`, { accept: "text/plain" })).text();
    if (list.selected === id) byId("summary").textContent = summary;
  } catch (error) {
    if (list.selected !== id) return;
    if (!trace) byId("trace-title").textContent = "Trace";
    byId("trace-error").textContent = error.message;
    show(byId("trace-error"), true);
  }
}

function closeTrace(remember) {
  if (remember) history.pushState(null, "", "/");
  list.select(null);
  trace = null;
  showTrace(false);
}

// --- One span ---------------------------------------------------------------------------------

function readable(value) {
  if (typeof value !== "string") return JSON.stringify(value, null, 2);
  if (!/^\s*[[{]/.test(value)) return value;
  try { return JSON.stringify(JSON.parse(value), null, 2); } catch { return value; }
}

function attributeRows(attributes) {
  return Object.entries(attributes).map(([key, value]) => {
    const row = element("div", "attribute");
    row.append(element("span", "", key), element("span", "", readable(value)));
    return row;
  });
}

function section(title, attributes) {
  const rows = attributeRows(attributes ?? {});
  return rows.length > 0 ? [element("h4", "", title), ...rows] : [];
}

async function openSpan(span) {
  trace.open = span.id;
  drawWaterfall();
  const panel = byId("span");
  const at = trace;
  show(panel, true);
  panel.replaceChildren(element("h3", "", span.name), element("p", "hint", "Loading"));
  try {
    const answer = await (await fetchOk(`/api/v1/traces/${trace.id}/spans/${span.id}`)).json();
    if (trace !== at || trace.open !== span.id) return;
    const message = answer.status.message ? `: ${answer.status.message}` : "";
    const head = `${answer.kind}, ${answer.status.code}${message}, ` +
                 `${formatDuration(answer.duration_ms)}, ${answer.start}`;
    panel.replaceChildren(
        element("h3", "", answer.name), element("p", "", head),
        ...section("Attributes", answer.attributes),
        ...answer.events.flatMap((event) => section(`Event ${event.name}`, event.attributes)),
        ...section("Resource", answer.resource?.attributes),
        ...section("Scope", answer.scope && { name: answer.scope.name }));
  } catch (error) {
    if (trace !== at) return;
    panel.replaceChildren(element("h3", "", span.name), element("p", "problem", error.message));
  }
}

// --- Live -------------------------------------------------------------------------------------

function follow() {
  const light = byId("connection");
  const source = new EventSource("/api/v1/live/runs");
  const say = (state, text) => { light.className = `connection ${state}`; light.textContent = text; };
  source.addEventListener("open", () => { say("on", "live"); list.load(); });
  source.addEventListener("error", () => say("off", "reconnecting"));
  source.addEventListener("run", (event) => {
    const run = JSON.parse(event.data);
    list.arrive(run);
    if (run.trace_id !== list.selected) return;
    clearTimeout(follow.refresh);
    follow.refresh = setTimeout(() => list.selected === run.trace_id && loadTrace(run.trace_id), 400);
  });
}

function route() {
  const match = /^\/traces\/([0-9a-f]{32})$/i.exec(location.pathname);
  if (match) openTrace(match[1].toLowerCase(), false);
  else closeTrace(false);
}

function start() {
  byId("recipe").textContent =
      `export OTEL_EXPORTER_OTLP_ENDPOINT=${location.origin}\n` +
      "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n" +
      "export OTEL_SERVICE_NAME=my-agent";
  byId("copy").addEventListener("click", async () => {
    await navigator.clipboard?.writeText(byId("recipe").textContent);
    byId("copy").textContent = "Copied";
  });
  let typing = 0;
  byId("q").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => list.load(), 200);
  });
  byId("status").addEventListener("change", () => list.load());
  byId("filters").addEventListener("submit", (event) => { event.preventDefault(); list.load(); });
  byId("more").addEventListener("click", () => list.load(list.cursor));
  byId("close").addEventListener("click", () => closeTrace(true));
  byId("waterfall").addEventListener("scroll", () => requestAnimationFrame(drawWaterfall));
  addEventListener("resize", drawWaterfall);
  addEventListener("popstate", route);
  addEventListener("keydown", (event) => { if (event.key === "Escape" && trace) closeTrace(true); });
  list.load();
  route();
  follow();
}

start();
