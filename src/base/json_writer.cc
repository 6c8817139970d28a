#include "base/json_writer.h"

#include <array>
#include <charconv>

#include "base/utf8.h"

namespace ao {
namespace {

// 0: copy; 'u': \u00XX; otherwise the letter after the backslash. Bytes >= 0x80 are marked 'x'.
constexpr std::array<char, 256> MakeEscapes() {
  std::array<char, 256> t{};
  for (size_t i = 0; i < 32; ++i) t[i] = 'u';
  for (size_t i = 128; i < 256; ++i) t[i] = 'x';
  t['"'] = '"';
  t['\\'] = '\\';
  t['\n'] = 'n';
  t['\r'] = 'r';
  t['\t'] = 't';
  t['\b'] = 'b';
  t['\f'] = 'f';
  return t;
}
constexpr auto kEscapes = MakeEscapes();

template <typename T>
void AppendNumber(T value, std::string* out) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  out->append(buffer, end.ptr);
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  size_t plain = 0;  // start of the run not yet copied
  for (size_t i = 0; i < text.size();) {
    const char kind = kEscapes[static_cast<uint8_t>(text[i])];
    if (kind == 0) {
      ++i;
      continue;
    }
    if (kind == 'x') {
      const size_t length = Utf8SequenceLength(text.substr(i));
      if (length > 0) {
        i += length;
        continue;
      }
    }
    out->append(text, plain, i - plain);
    if (kind == 'x') {
      out->append("\xEF\xBF\xBD");
    } else if (kind == 'u') {
      constexpr char kHex[] = "0123456789abcdef";
      const auto byte = static_cast<uint8_t>(text[i]);
      out->append("\\u00");
      out->push_back(kHex[byte >> 4]);
      out->push_back(kHex[byte & 15]);
    } else {
      out->push_back('\\');
      out->push_back(kind);
    }
    plain = ++i;
  }
  out->append(text, plain, text.size() - plain);
  out->push_back('"');
}

void AppendJsonDouble(double value, std::string* out) {
  if (std::isnan(value)) {
    out->append("\"NaN\"");
  } else if (std::isinf(value)) {
    out->append(value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  } else {
    const size_t start = out->size();
    AppendNumber(value, out);
    if (out->find_first_of(".eE", start) == std::string::npos) out->append(".0");
  }
}

void AppendInt(int64_t value, std::string* out) { AppendNumber(value, out); }
void AppendUint(uint64_t value, std::string* out) { AppendNumber(value, out); }

}  // namespace ao
