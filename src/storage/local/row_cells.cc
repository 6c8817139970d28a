#include "storage/local/row_cells.h"

#include "base/utf8.h"

namespace ao::storage::local {
namespace {

bool IsAscii(std::string_view text) {
  uint64_t bits = 0;
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    bits |= word;
  }
  for (; i < text.size(); ++i) bits |= static_cast<uint8_t>(text[i]) & 0x80u;
  return (bits & 0x8080808080808080ull) == 0;
}

}  // namespace

std::string_view Clean(std::string_view text, Arena* arena) {
  if (IsAscii(text) || IsValidUtf8(text)) return text;
  return arena->Copy(RepairUtf8(text));
}

}  // namespace ao::storage::local
