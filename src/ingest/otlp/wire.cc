#include "ingest/otlp/wire.h"

namespace ao::ingest::otlp {
namespace {

constexpr uint32_t kStartGroup = 3, kEndGroup = 4;
constexpr int kMaxGroupDepth = 64;

const char* SkipScalar(const char* p, const char* end, uint32_t type) {
  uint64_t size = 0;
  switch (type) {
    case 0: protozero::skip_varint(&p, end); break;
    case 1: size = 8; break;
    case 2: size = protozero::decode_varint(&p, end); break;
    case 5: size = 4; break;
    default: throw protozero::unknown_pbf_wire_type_exception();
  }
  if (size > static_cast<size_t>(end - p)) throw protozero::end_of_buffer_exception();
  return p + size;
}

}  // namespace

const char* WireReader::SkipField(const char* p, const char* end, uint32_t key) {
  if ((key & 7) != kStartGroup) return SkipScalar(p, end, key & 7);
  uint32_t open[kMaxGroupDepth];
  int depth = 0;
  open[depth++] = key >> 3;
  while (depth > 0) {
    const uint64_t inner = protozero::decode_varint(&p, end);
    const auto field = static_cast<uint32_t>(inner >> 3);
    if (inner < 8 || inner > UINT32_MAX) throw protozero::invalid_tag_exception();
    const auto type = static_cast<uint32_t>(inner & 7);
    if (type == kStartGroup) {
      if (depth == kMaxGroupDepth) throw protozero::invalid_tag_exception();
      open[depth++] = field;
    } else if (type == kEndGroup) {
      if (open[--depth] != field) throw protozero::invalid_tag_exception();
    } else {
      p = SkipScalar(p, end, type);
    }
  }
  return p;
}

}  // namespace ao::ingest::otlp
