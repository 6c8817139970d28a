#include "storage/content/words.h"

#include <array>
#include <optional>

#include "base/utf8.h"

namespace ao::storage {
namespace {

// What ReadAs copies as it is, in lower case; '\0' for blanks, backslashes and what is not ASCII.
constexpr std::array<char, 256> kCopied = [] {
  std::array<char, 256> table{};
  for (int c = 1; c < 127; ++c) table[c] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  for (const char c : {' ', '\t', '\n', '\v', '\f', '\r', '\b', '\\'}) table[c] = '\0';
  return table;
}();

struct Range {
  uint32_t first, last;
};
// Punctuation, symbols, private use and emoji above ASCII; scripts written without blanks.
constexpr Range kNoLetters[] = {
    {0x80, 0xBF},     {0xD7, 0xD7},     {0xF7, 0xF7},       {0x2000, 0x206F},   {0x20A0, 0x20CF},
    {0x2190, 0x2BFF}, {0x2E00, 0x2E7F}, {0x3000, 0x3004},   {0x3008, 0x3020},   {0xD800, 0xF8FF},
    {0xFE00, 0xFE6F}, {0xFEFF, 0xFEFF}, {0xFF00, 0xFF0F},   {0xFF1A, 0xFF20},   {0xFF3B, 0xFF40},
    {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFF}, {0x1F000, 0x1FAFF}, {0xE0000, 0x10FFFF}};
constexpr Range kWords[] = {{0x0E00, 0x0EFF},   {0x1000, 0x109F},  {0x1780, 0x17FF},
                            {0x1100, 0x11FF},   {0x2E80, 0x9FFF},  {0xA000, 0xA4CF},
                            {0xAC00, 0xD7FF},   {0xF900, 0xFAFF},  {0xFF66, 0xFFDF},
                            {0x1B000, 0x1B2FF}, {0x20000, 0x3FFFF}};

CharClass ClassOf(uint32_t c) {
  if (c < 128) return kAsciiClass[c];
  for (const Range& range : kNoLetters) {
    if (c >= range.first && c <= range.last) return CharClass::kNone;
  }
  for (const Range& range : kWords) {
    if (c >= range.first && c <= range.last) return CharClass::kWord;
  }
  return CharClass::kLetter;
}

// Simple case folding (Unicode CaseFolding.txt) of the scripts that words.h names.
uint32_t Fold(uint32_t c) {
  if (c < 128) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  const auto in = [c](uint32_t first, uint32_t last) { return c >= first && c <= last; };
  if (in(0xC0, 0xDE)) return c == 0xD7 ? c : c + 32;
  if (c < 0x100) return c;
  if (c == 0x130 || c == 0x131) return c;
  if (c == 0x178) return 0xFF;
  if (in(0x139, 0x148) || in(0x179, 0x17E)) return c + (c & 1);
  if (in(0x100, 0x137) || in(0x14A, 0x177)) return c | 1;
  if (c == 0x386) return 0x3AC;
  if (in(0x388, 0x38A)) return c + 37;
  if (c == 0x38C) return 0x3CC;
  if (in(0x38E, 0x38F)) return c + 63;
  if (in(0x391, 0x3AB)) return c == 0x3A2 ? c : c + 32;
  if (c == 0x3C2) return 0x3C3;
  if (in(0x400, 0x40F)) return c + 80;
  if (in(0x410, 0x42F)) return c + 32;
  if (in(0x460, 0x481) || in(0x48A, 0x4BF) || in(0x4D0, 0x52F)) return c | 1;
  if (in(0x4C1, 0x4CE)) return c + (c & 1);
  if (in(0x531, 0x556)) return c + 48;
  if (in(0x1E00, 0x1E95) || in(0x1EA0, 0x1EFF)) return c | 1;
  return c;
}

uint32_t Decode(std::string_view text, size_t at, size_t length) {
  const auto byte = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<uint8_t>(text[at + i]));
  };
  if (length == 1) return byte(0);
  uint32_t c = byte(0) & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) c = c << 6 | (byte(i) & 0x3F);
  return c;
}

size_t Encode(uint32_t c, char* out) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) return out[0] = static_cast<char>(c), 1;
  if (c < 0x800) return out[0] = static_cast<char>(0xC0 | c >> 6), out[1] = tail(0), 2;
  if (c < 0x10000) {
    out[0] = static_cast<char>(0xE0 | c >> 12), out[1] = tail(6), out[2] = tail(0);
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | c >> 18), out[1] = tail(12), out[2] = tail(6), out[3] = tail(0);
  return 4;
}

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\b'; }

std::optional<uint32_t> Hex4(std::string_view text, size_t at) {
  if (text.size() < at + 4) return {};
  uint32_t value = 0;
  for (size_t i = at; i < at + 4; ++i) {
    const char c = text[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return {};
    value = value << 4 | static_cast<uint32_t>(digit);
  }
  return value;
}

class TextReader {
 public:
  TextReader(Reading reading, std::string_view text, std::string* out, std::vector<size_t>* origins)
      : reading_(reading), text_(text), out_(*out), origins_(origins) {
    // Folding never lengthens a character, nor does an escape become longer.
    out_.resize(text.size() + 4);
    if (origins_ != nullptr) origins_->clear();
  }

  void Run() {
    while (at_ < text_.size()) {
      if (origins_ == nullptr) CopyPlain();
      if (at_ == text_.size()) break;
      const char c = text_[at_];
      if (IsBlank(c)) {
        AddBlank(1);
      } else if (c == '\\') {
        Escape();
      } else if (static_cast<uint8_t>(c) < 128) {
        Add(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c, 1);
      } else {
        Character();
      }
    }
    out_.resize(size_);
    if (origins_ != nullptr) origins_->push_back(text_.size());
  }

 private:
  void CopyPlain() {
    const char* const data = text_.data();
    char* to = out_.data() + size_;
    size_t at = at_;
    for (char c; at < text_.size() && (c = kCopied[static_cast<uint8_t>(data[at])]) != '\0'; ++at) {
      *to++ = c;
    }
    size_ += at - at_;
    at_ = at;
  }
  void Add(char c, size_t from) {
    out_[size_++] = c;
    if (origins_ != nullptr) origins_->push_back(at_);
    at_ += from;
  }
  void AddBlank(size_t from) {
    if (size_ > 0 && out_[size_ - 1] == ' ') {
      at_ += from;
    } else {
      Add(' ', from);
    }
  }
  void AddCodePoint(uint32_t c, size_t from) {
    const size_t length = Encode(Fold(c), out_.data() + size_);
    if (origins_ != nullptr) origins_->insert(origins_->end(), length, at_);
    size_ += length;
    at_ += from;
  }
  void Character() {
    const size_t length = Utf8SequenceLength(text_.substr(at_));
    if (length == 0) return Add(text_[at_], 1);
    AddCodePoint(Decode(text_, at_, length), length);
  }
  // A run of backslashes and what it escapes.
  void Escape() {
    size_t end = at_;
    while (end < text_.size() && text_[end] == '\\') ++end;
    const size_t run = end - at_;
    const char c = end < text_.size() ? text_[end] : '\0';
    if (c == '"' || c == '/') {
      at_ = end;
    } else if (c == 'n' || c == 't' || c == 'r' || c == 'b' || c == 'f') {
      if (reading_ == Reading::kEscaped) {
        AddBlank(run + 1);
      } else {
        Add('\\', run);
      }
    } else if (c != 'u' || !Unicode(end + 1)) {
      Add('\\', run);
    }
  }
  // \uXXXX, or two of them for a character beyond 16 bits; `digits` is behind the first 'u'.
  bool Unicode(size_t digits) {
    const auto unit = Hex4(text_, digits);
    if (!unit || (*unit < 128 && kAsciiClass[*unit] != CharClass::kNone)) return false;
    uint32_t c = *unit;
    size_t end = digits + 4;
    if (c < 128 && IsBlank(static_cast<char>(c))) {
      AddBlank(end - at_);
      return true;
    }
    if (c >= 0xD800 && c < 0xDC00) {
      size_t next = end;
      while (next < text_.size() && text_[next] == '\\') ++next;
      const auto low = next > end && next < text_.size() && text_[next] == 'u'
                           ? Hex4(text_, next + 1)
                           : std::nullopt;
      if (low && *low >= 0xDC00 && *low < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10) + (*low - 0xDC00);
        end = next + 5;
      }
    }
    if (c >= 0xD800 && c < 0xE000) c = 0xFFFD;
    AddCodePoint(c, end - at_);
    return true;
  }

  const Reading reading_;
  const std::string_view text_;
  std::string& out_;
  std::vector<size_t>* const origins_;
  size_t at_ = 0, size_ = 0;
};

}  // namespace

void ReadAs(Reading reading, std::string_view text, std::string* out,
            std::vector<size_t>* origins) {
  TextReader(reading, text, out, origins).Run();
}

CharClass WideClassAt(std::string_view text, size_t at, size_t* length) {
  *length = 1;
  const size_t size = Utf8SequenceLength(text.substr(at));
  if (size == 0) return CharClass::kNone;
  *length = size;
  return ClassOf(Decode(text, at, size));
}

CharClass ClassBefore(std::string_view text, size_t at) {
  if (at == 0) return CharClass::kNone;
  for (size_t size = 1; size <= 4 && size <= at; ++size) {
    if ((static_cast<uint8_t>(text[at - size]) & 0xC0) == 0x80) continue;
    size_t length = 0;
    const CharClass found = ClassAt(text, at - size, &length);
    return length == size ? found : CharClass::kNone;
  }
  return CharClass::kNone;
}

}  // namespace ao::storage
