#include "app/bench/yardstick.h"

#include <time.h>

#include <protozero/pbf_reader.hpp>

#include "ingest/otlp/decode.h"
#include "storage/encode/prepare.h"

namespace ao::bench {
namespace {

using protozero::pbf_reader;

// Processor time of this thread: other work on the machine does not count.
Nanos CpuNow() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<Nanos>(t.tv_sec) * kSecond + t.tv_nsec;
}

// Which fields of a message are messages themselves, by the path from the request.
enum class Node { kRequest, kResourceSpans, kResource, kScopeSpans, kSpan, kKeyValue, kAny, kLeaf };

Node Child(Node node, uint32_t tag) {
  switch (node) {
    case Node::kRequest: return Node::kResourceSpans;
    case Node::kResourceSpans: return tag == 1 ? Node::kResource : Node::kScopeSpans;
    case Node::kResource: return tag == 1 ? Node::kKeyValue : Node::kLeaf;
    case Node::kScopeSpans: return tag == 2 ? Node::kSpan : Node::kLeaf;
    case Node::kSpan: return tag == 9 ? Node::kKeyValue : Node::kLeaf;
    case Node::kKeyValue: return tag == 2 ? Node::kAny : Node::kLeaf;
    default: return Node::kLeaf;
  }
}

uint64_t Walk(pbf_reader message, Node node) {
  uint64_t sum = 0;
  while (message.next()) {
    if (message.wire_type() == protozero::pbf_wire_type::length_delimited) {
      const Node child = Child(node, message.tag());
      if (child == Node::kLeaf) {
        sum += message.get_view().size();
      } else {
        sum += Walk(message.get_message(), child);
      }
    } else {
      sum += message.tag();
      message.skip();
    }
  }
  return sum;
}

}  // namespace

Result<WalkCost> MeasureWalk(PayloadKind kind) {
  Payload payload(kind, 1000, 9);
  const std::string body = payload.Stamp(SystemClock().Now());
  const auto spans = static_cast<double>(payload.spans());
  WalkCost cost;
  cost.bytes_per_span = static_cast<double>(body.size()) / spans;
  const int rounds = kind == PayloadKind::kSmall ? 200 : 50;
  const auto per_span = [&](Nanos t) { return static_cast<double>(t) / (spans * rounds); };
  uint64_t sink = 0;
  Nanos begin = CpuNow();
  for (int i = 0; i < rounds; ++i) sink += Walk(pbf_reader(body), Node::kRequest);
  cost.walk_ns = per_span(CpuNow() - begin);
  Nanos decode = 0, prepare = 0;
  for (int i = 0; i < rounds; ++i) {
    std::string copy = body;
    begin = CpuNow();
    auto batch = ingest::otlp::DecodeProtobuf(model::Signal::kTraces, std::move(copy), {});
    decode += CpuNow() - begin;
    if (!batch.ok()) return batch.status();
    begin = CpuNow();
    const auto prepared =
        storage::Prepare("default", begin, "otlp/traces/protobuf", std::move(batch).value(), {});
    prepare += CpuNow() - begin;
    sink += prepared.spans.size();
  }
  cost.decode_ns = per_span(decode);
  cost.prepare_ns = per_span(prepare);
  if (sink == 0) return Internal("cannot measure the walk: the payload is empty");
  return cost;
}

}  // namespace ao::bench
