#pragma once

#include <vector>

#include "runs/assembler.h"

// Rows for tests of runs/.

namespace ao::runs {

constexpr Nanos kNow = 1'700'000'000 * kSecond;

inline TraceId Trace(uint8_t n = 1) {
  TraceId id;
  id.bytes[15] = n;
  return id;
}

inline storage::SpanRow Span(uint64_t id, uint64_t parent, Nanos start, Nanos duration,
                             std::string_view name, model::Op op = model::Op::kOther) {
  storage::SpanRow row;
  row.trace_id = Trace();
  row.span_id.value = id;
  row.parent_span_id.value = parent;
  row.start = start;
  row.duration = duration;
  row.name = name;
  row.service = "svc";
  row.environment = "prod";
  row.canonical.op = op;
  return row;
}

inline storage::SpanRow Llm(uint64_t id, uint64_t parent, Nanos start, int64_t in, int64_t out,
                            std::string_view response = {}) {
  storage::SpanRow row = Span(id, parent, start, 10, "chat", model::Op::kLlm);
  row.canonical.input_tokens = in;
  row.canonical.output_tokens = out;
  row.canonical.response_id = response;
  row.canonical.model_requested = "gpt-4o";
  return row;
}

inline storage::SpanRow Tool(uint64_t id, uint64_t parent, Nanos start, std::string_view name,
                             std::string_view call = {}) {
  storage::SpanRow row = Span(id, parent, start, 5, "execute_tool", model::Op::kTool);
  row.canonical.tool_name = name;
  row.canonical.tool_call_id = call;
  return row;
}

inline storage::SpanRow Agent(uint64_t id, uint64_t parent, Nanos start, std::string_view name) {
  storage::SpanRow row = Span(id, parent, start, 100, "invoke_agent", model::Op::kAgent);
  row.canonical.agent_name = name;
  return row;
}

// The run of one trace.
inline model::Run Assembled(const std::vector<storage::SpanRow>& rows) {
  ManualClock clock(kNow);
  Assembler assembler({5 * kSecond, kHour, &clock});
  std::vector<const storage::SpanRow*> pointers;
  for (const storage::SpanRow& row : rows) pointers.push_back(&row);
  assembler.Observe("p", clock.Now(), pointers);
  std::vector<model::Run> runs = assembler.TakeChanged();
  return runs.size() == 1 ? std::move(runs[0]) : model::Run();
}

}  // namespace ao::runs
