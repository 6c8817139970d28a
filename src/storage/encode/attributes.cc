#include "storage/encode/attributes.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "base/encoding.h"
#include "base/hash_map.h"
#include "base/json_writer.h"
#include "base/utf8.h"
#include "storage/content/content_store.h"

namespace ao::storage {
namespace {

using model::KeyValue;
using model::Value;
using model::ValueKind;

constexpr uint64_t kOnes = 0x0101010101010101ULL;
constexpr uint64_t kHighs = 0x8080808080808080ULL;

// Marks (in the high bits) the bytes of `word` that are zero; bytes above a marked one may be
// marked wrongly, which is enough to ask "any?".
constexpr uint64_t ZeroBytes(uint64_t word) { return (word - kOnes) & ~word & kHighs; }

// True when `text` can stand in JSON as it is: printable ASCII without '"' and '\\'.
bool IsPlain(std::string_view text) {
  const char* p = text.data();
  size_t n = text.size();
  for (; n >= 8; p += 8, n -= 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    const uint64_t control = (word - kOnes * 0x20) & ~word & kHighs;
    if ((control | (word & kHighs) | ZeroBytes(word ^ (kOnes * '"')) |
         ZeroBytes(word ^ (kOnes * '\\'))) != 0) {
      return false;
    }
  }
  for (; n > 0; ++p, --n) {
    const auto byte = static_cast<uint8_t>(*p);
    if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') return false;
  }
  return true;
}

// A small buffer in front of the output string: short pieces are gathered and appended at once.
class Gather {
 public:
  explicit Gather(std::string* out) : out_(out) {}
  ~Gather() { Flush(); }
  Gather(const Gather&) = delete;
  Gather& operator=(const Gather&) = delete;

  void Put(char c) {
    if (used_ == sizeof buffer_) Flush();
    buffer_[used_++] = c;
  }
  void Put(std::string_view text) {
    if (text.size() > sizeof buffer_ - used_) {
      Flush();
      if (text.size() > sizeof buffer_) {
        out_->append(text);
        return;
      }
    }
    if (text.empty()) return;  // memcpy refuses null
    std::memcpy(buffer_ + used_, text.data(), text.size());
    used_ += text.size();
  }
  void PutInt(int64_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value);
    Put(std::string_view(digits, end.ptr));
  }
  void PutQuoted(std::string_view plain) {
    Put('"');
    Put(plain);
    Put('"');
  }
  // The string itself, with everything put so far in it.
  std::string* Direct() {
    Flush();
    return out_;
  }

 private:
  void Flush() {
    out_->append(buffer_, used_);
    used_ = 0;
  }
  std::string* out_;
  size_t used_ = 0;
  char buffer_[512];
};

bool HasDuplicateKeys(model::Attributes attributes) {
  if (attributes.size() > 48) {
    HashSet<std::string_view> seen;
    for (const KeyValue& kv : attributes) {
      if (!seen.insert(kv.key).second) return true;
    }
    return false;
  }
  uint64_t signatures = 0;  // one bit for each signature seen
  for (size_t i = 0; i < attributes.size(); ++i) {
    const std::string_view key = attributes[i].key;
    const size_t mixed = key.empty() ? 0
                                     : key.size() * 7 + static_cast<uint8_t>(key.back()) * 13 +
                                           static_cast<uint8_t>(key[key.size() / 2]) * 29;
    const uint64_t bit = 1ULL << (mixed & 63);
    if ((signatures & bit) != 0) {
      for (size_t k = 0; k < i; ++k) {
        if (attributes[k].key == key) return true;
      }
    }
    signatures |= bit;
  }
  return false;
}

// Plain JSON objects hold distinct, valid keys that cannot be taken for our own "$..." forms.
bool NeedsPairs(model::Attributes attributes) {
  for (const KeyValue& kv : attributes) {
    if (!kv.key.empty() && kv.key.front() == '$') return true;
    if (!IsPlain(kv.key) && !IsValidUtf8(kv.key)) return true;
  }
  return HasDuplicateKeys(attributes);
}

struct Encoding {
  uint64_t seed;
  size_t inline_limit;
  Nanos partition_time;
  std::vector<ContentPiece>* pieces;
  std::vector<ContentAddress>* refs;
  Gather out;

  void PutReference(std::string_view bytes, bool is_bytes) {
    const ContentAddress address = CutIntoPieces(bytes, seed, partition_time, pieces);
    refs->push_back(address);
    std::string* text = out.Direct();
    text->append("{\"$ref\":\"").append(address.ToHex()).append("\",\"$size\":");
    AppendUint(bytes.size(), text);
    text->append(is_bytes ? ",\"$type\":\"bytes\"}" : "}");
  }

  void PutShortText(std::string_view text) {
    if (IsPlain(text)) {
      out.PutQuoted(text);
    } else if (IsValidUtf8(text)) {
      AppendJsonString(text, out.Direct());
    } else {
      out.Put("{\"$string\":");
      out.PutQuoted(EncodeBase64(text));
      out.Put('}');
    }
  }

  void PutDouble(double value) {
    if (std::isfinite(value)) {
      AppendJsonDouble(value, out.Direct());
    } else {
      out.Put("{\"$double\":");
      AppendJsonDouble(value, out.Direct());
      out.Put('}');
    }
  }

  void PutBytes(std::string_view bytes) {
    if (bytes.size() > inline_limit) return PutReference(bytes, true);
    out.Put("{\"$bytes\":");
    out.PutQuoted(EncodeBase64(bytes));
    out.Put('}');
  }

  void PutValue(const Value& value) {
    switch (value.kind()) {
      case ValueKind::kEmpty: return out.Put("null");
      case ValueKind::kBool: return out.Put(value.as_bool() ? "true" : "false");
      case ValueKind::kInt: return out.PutInt(value.as_int());
      case ValueKind::kDouble: return PutDouble(value.as_double());
      case ValueKind::kString: {
        const std::string_view text = value.as_string();
        return text.size() > inline_limit ? PutReference(text, false) : PutShortText(text);
      }
      case ValueKind::kBytes: return PutBytes(value.as_string());
      case ValueKind::kArray: {
        char separator = '[';
        for (const Value& element : value.as_array()) {
          out.Put(separator);
          PutValue(element);
          separator = ',';
        }
        return out.Put(separator == '[' ? "[]" : "]");
      }
      case ValueKind::kMap: return PutMap(value.as_map());
    }
  }

  void PutMap(model::Attributes attributes) {
    if (NeedsPairs(attributes)) return PutPairs(attributes);
    char separator = '{';
    for (size_t i = 0; i < attributes.size(); ++i) {
      const KeyValue& kv = attributes[i];
      out.Put(separator);
      if (IsPlain(kv.key)) {
        out.PutQuoted(kv.key);
      } else {
        AppendJsonString(kv.key, out.Direct());
      }
      out.Put(':');
      PutValue(kv.value);
      separator = ',';
    }
    out.Put(separator == '{' ? "{}" : "}");
  }

  void PutPairs(model::Attributes attributes) {
    out.Put("{\"$map\":[");
    for (size_t i = 0; i < attributes.size(); ++i) {
      out.Put(i == 0 ? "[" : ",[");
      PutShortText(attributes[i].key);
      out.Put(',');
      PutValue(attributes[i].value);
      out.Put(']');
    }
    out.Put("]}");
  }
};

}  // namespace

AttributeEncoder::AttributeEncoder(uint64_t content_seed, size_t inline_limit)
    : content_seed_(content_seed), inline_limit_(inline_limit) {}

void AttributeEncoder::Encode(const Value& value, Nanos partition_time, std::string* json,
                              std::vector<ContentPiece>* pieces,
                              std::vector<ContentAddress>* refs) const {
  Encoding{content_seed_, inline_limit_, partition_time, pieces, refs, Gather(json)}.PutValue(
      value);
}

void AttributeEncoder::EncodeMap(model::Attributes attributes, Nanos partition_time,
                                 std::string* json, std::vector<ContentPiece>* pieces,
                                 std::vector<ContentAddress>* refs) const {
  Encoding{content_seed_, inline_limit_, partition_time, pieces, refs, Gather(json)}.PutMap(
      attributes);
}

}  // namespace ao::storage
