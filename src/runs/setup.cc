#include "runs/setup.h"

#include <cstring>

#include "base/hash.h"
#include "runs/contains.h"

namespace ao::runs {
namespace {

struct SetupKey {
  std::string_view key;  // with the quote before; whole when it ends in one
  // Counts only where this is in the attributes too; empty: always.
  std::string_view only_with = {};
};
constexpr SetupKey kKeys[] = {
    {"\"gen_ai.system_instructions\""},
    {"\"gen_ai.tool.definitions\""},
    {"\"llm.tools."},
    {"\"llm.request.functions."},
    {"\"ai.prompt.tools\""},
    {"\"mlflow.chat.tools\""},
    {"\"llm.input_messages.0.message.content\"",
     "\"llm.input_messages.0.message.role\":\"system\""},
    {"\"gen_ai.prompt.0.content\"", "\"gen_ai.prompt.0.role\":\"system\""},
};

// Behind the string that begins at text[at].
size_t EndOfString(std::string_view text, size_t at) {
  for (++at; at < text.size(); ++at) {
    at = text.find_first_of("\"\\", at);
    if (at == text.npos) return text.size();
    if (text[at] == '"') return at + 1;
    ++at;
  }
  return text.size();
}

}  // namespace

std::string_view FirstJsonValue(std::string_view text) {
  size_t at = 0;
  int depth = 0;
  while (at < text.size()) {
    switch (text[at]) {
      case '"':
        at = EndOfString(text, at);
        if (depth == 0) return text.substr(0, at);
        continue;
      case '[':
      case '{': ++depth; break;
      case ']':
      case '}':
        if (depth == 0) return text.substr(0, at);  // the end of what a plain value stands in
        if (--depth == 0) return text.substr(0, at + 1);
        break;
      case ',':
        if (depth == 0) return text.substr(0, at);
        break;
      default: break;
    }
    ++at;
  }
  return text;
}

uint64_t SetupHash(const storage::SpanRow& row) {
  uint64_t hash = 0;
  const model::Canonical& c = row.canonical;
  if (!c.prompt_name.empty()) hash = Hash64(c.prompt_version, Hash64(c.prompt_name, 1));
  const std::string_view all = row.attributes;
  for (const SetupKey& k : kKeys) {
    for (size_t from = 0; from < all.size();) {
      const void* found = memmem(all.data() + from, all.size() - from, k.key.data(), k.key.size());
      if (found == nullptr || (!k.only_with.empty() && !Contains(all, k.only_with))) break;
      const size_t begin = static_cast<size_t>(static_cast<const char*>(found) - all.data());
      const size_t colon = EndOfString(all, begin);
      const std::string_view value = FirstJsonValue(all.substr(std::min(colon + 1, all.size())));
      from = std::min(colon + 1 + value.size(), all.size());
      hash = Hash64(all.substr(begin, from - begin), hash + 1);
      if (k.key.back() == '"') break;
    }
  }
  return hash;
}

}  // namespace ao::runs
