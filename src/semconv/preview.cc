#include "semconv/preview.h"

#include <optional>
#include <vector>

#include <simdjson.h>

#include "base/utf8.h"

namespace ao::semconv {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr size_t kMaxParsed = 64 << 10;  // longer JSON is only searched, in windows of this size
constexpr int kMaxNesting = 8;
constexpr size_t kMaxCalls = 8;
constexpr size_t kMaxTried = 32;  // messages looked into

// Gathers text until it holds enough.
class Text {
 public:
  explicit Text(size_t limit) : limit_(limit) {}

  void Add(std::string_view text) {
    if (out_.size() >= Enough()) return;
    out_.append(text.substr(0, Enough()));
  }
  void AddSpaced(std::string_view text) {
    if (!out_.empty() && !text.empty()) out_.push_back('\n');
    Add(text);
  }
  bool empty() const { return out_.empty(); }
  const std::string& text() const { return out_; }

 private:
  // White space is folded later, so more than the limit is kept.
  size_t Enough() const { return limit_ * 8 + 64; }
  size_t limit_;
  std::string out_;
};

std::string Fold(std::string_view text, size_t code_points) {
  std::string out;
  size_t count = 0;
  bool blank = false;
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if (byte <= 0x20) {
      blank = !out.empty();
      ++i;
      continue;
    }
    const size_t length = Utf8SequenceLength(text.substr(i));
    if (count + (blank ? 1 : 0) + 1 > code_points) {
      if (out.empty()) return out;
      // Room for the sign that something is missing.
      std::string_view kept = Utf8Prefix(out, code_points - 1);
      return std::string(kept) + "\xE2\x80\xA6";
    }
    if (blank) {
      out.push_back(' ');
      ++count;
      blank = false;
    }
    if (length == 0) {
      out.append("\xEF\xBF\xBD");
      ++i;
    } else {
      out.append(text.substr(i, length));
      i += length;
    }
    ++count;
  }
  return out;
}

std::string_view StringAt(object o, std::string_view key) {
  std::string_view value;
  return o[key].get(value) == simdjson::SUCCESS ? value : std::string_view();
}

bool IsUser(std::string_view role) { return role == "user" || role == "human"; }
bool IsAssistant(std::string_view role) {
  return role == "assistant" || role == "ai" || role == "model";
}

std::string_view RoleOf(object message) {
  const std::string_view role = StringAt(message, "role");
  return role.empty() ? StringAt(message, "type") : role;
}

void AddCall(object call, Text* text) {
  object function;
  for (const std::string_view key : {"function", "function_call", "functionCall"}) {
    if (call[key].get(function) == simdjson::SUCCESS) call = function;
  }
  std::string_view name = StringAt(call, "name");
  if (name.empty()) name = StringAt(call, "toolName");
  if (name.empty()) return;
  text->AddSpaced(name);
  text->Add("(");
  for (const std::string_view key : {"arguments", "args", "input"}) {
    element arguments;
    if (call[key].get(arguments) != simdjson::SUCCESS) continue;
    std::string_view plain;
    text->Add(arguments.get(plain) == simdjson::SUCCESS ? std::string(plain)
                                                        : simdjson::minify(arguments));
    break;
  }
  text->Add(")");
}

// Content is a string, or a list of parts: text, tool calls, and others that are not shown.
void AddContent(element content, PreviewSide side, Text* text) {
  std::string_view plain;
  array parts;
  if (content.get(plain) == simdjson::SUCCESS) return text->AddSpaced(plain);
  if (content.get(parts) != simdjson::SUCCESS) return;
  size_t calls = 0;
  for (const element item : parts) {
    object part;
    if (item.get(plain) == simdjson::SUCCESS) {
      text->AddSpaced(plain);
    } else if (item.get(part) == simdjson::SUCCESS) {
      const std::string_view type = StringAt(part, "type");
      if (type == "reasoning" || type == "thinking") continue;
      std::string_view shown = StringAt(part, "text");
      if (shown.empty()) shown = StringAt(part, "content");
      if (!shown.empty()) {
        text->AddSpaced(shown);
      } else if (side == PreviewSide::kOutput && calls++ < kMaxCalls) {
        AddCall(part, text);
      }
    }
  }
}

void AddMessage(object message, PreviewSide side, Text* text) {
  object inner;
  if (message["message"].get(inner) == simdjson::SUCCESS) message = inner;
  if (message["kwargs"].get(inner) == simdjson::SUCCESS) message = inner;
  if (message["data"].get(inner) == simdjson::SUCCESS) message = inner;
  for (const std::string_view key : {"content", "parts", "text"}) {
    element content;
    if (text->empty() && message[key].get(content) == simdjson::SUCCESS) {
      AddContent(content, side, text);
    }
  }
  if (side != PreviewSide::kOutput) return;
  array calls;
  for (const std::string_view key : {"tool_calls", "toolCalls"}) {
    if (message[key].get(calls) != simdjson::SUCCESS) continue;
    size_t count = 0;
    for (const element item : calls) {
      object call;
      if (count++ < kMaxCalls && item.get(call) == simdjson::SUCCESS) AddCall(call, text);
    }
  }
}

bool Show(element value, PreviewSide side, int nesting, Text* text);

// The last user message of a conversation, or the last assistant message.
bool ShowMessages(array messages, PreviewSide side, int nesting, Text* text) {
  std::optional<object> best;
  std::vector<object> wanted_ones;  // some have no text: a user message may hold tool results
  bool best_is_wanted = false;
  element last;
  bool any = false;
  for (const element item : messages) {
    last = item;
    any = true;
    object message;
    if (item.get(message) != simdjson::SUCCESS) continue;
    const std::string_view role = RoleOf(message);
    const bool wanted = side == PreviewSide::kInput ? IsUser(role) : IsAssistant(role);
    if (wanted || (!best_is_wanted && role != "system")) best = message;
    best_is_wanted = best_is_wanted || wanted;
    if (wanted) wanted_ones.push_back(message);
  }
  for (size_t i = wanted_ones.size(), tried = 0; i-- > 0 && tried++ < kMaxTried && text->empty();) {
    AddMessage(wanted_ones[i], side, text);
  }
  if (!text->empty()) return true;
  if (best) AddMessage(*best, side, text);
  if (best && text->empty() && side == PreviewSide::kOutput) AddCall(*best, text);
  if (!text->empty()) return true;
  return any && Show(last, side, nesting + 1, text);  // nested lists, strings
}

bool ShowObject(object value, PreviewSide side, int nesting, Text* text) {
  array list;
  for (const std::string_view key : {"messages", "choices", "candidates", "contents"}) {
    if (value[key].get(list) == simdjson::SUCCESS && ShowMessages(list, side, nesting + 1, text)) {
      return true;
    }
  }
  AddMessage(value, side, text);
  if (!text->empty()) return true;
  static constexpr std::string_view kInputKeys[] = {"input",  "inputs",     "query", "question",
                                                    "prompt", "user_input", "task",  "message"};
  static constexpr std::string_view kOutputKeys[] = {"output",   "outputs",      "answer", "result",
                                                     "response", "final_output", "summary"};
  const auto try_keys = [&](auto& keys) {
    for (const std::string_view key : keys) {
      element member;
      if (value[key].get(member) == simdjson::SUCCESS && Show(member, side, nesting + 1, text)) {
        return true;
      }
    }
    return false;
  };
  return side == PreviewSide::kInput ? try_keys(kInputKeys) : try_keys(kOutputKeys);
}

bool Show(element value, PreviewSide side, int nesting, Text* text) {
  if (nesting > kMaxNesting) return false;
  std::string_view plain;
  array list;
  object members;
  if (value.get(plain) == simdjson::SUCCESS) {
    text->Add(plain);
    return !text->empty();
  }
  if (value.get(list) == simdjson::SUCCESS) return ShowMessages(list, side, nesting, text);
  if (value.get(members) == simdjson::SUCCESS) return ShowObject(members, side, nesting, text);
  return false;
}

size_t SkipBlanks(std::string_view text, size_t i) {
  while (i < text.size() && static_cast<uint8_t>(text[i]) <= 0x20) ++i;
  return i;
}

void AppendEscape(std::string_view text, size_t* i, std::string* out) {
  const char c = text[(*i)++];
  switch (c) {
    case 'n':
    case 't':
    case 'r':
    case 'b':
    case 'f': out->push_back(' '); return;
    case 'u':
      out->append("\xEF\xBF\xBD");
      *i = std::min(*i + 4, text.size());
      return;
    default: out->push_back(c);
  }
}

// The JSON string that begins at `i` (behind its quote), as far as the window and `limit` go.
std::string Unescape(std::string_view text, size_t i, size_t limit) {
  std::string out;
  while (i < text.size() && text[i] != '"' && out.size() < limit) {
    if (text[i] != '\\') {
      out.push_back(text[i++]);
    } else if (++i < text.size()) {
      AppendEscape(text, &i, &out);
    }
  }
  return out;
}

// The string value of the first `key` at or behind `from`, or nothing.
std::optional<std::string> StringBehind(std::string_view text, std::string_view quoted_key,
                                        size_t from, size_t limit) {
  size_t i = text.find(quoted_key, from);
  if (i == text.npos) return std::nullopt;
  i = SkipBlanks(text, i + quoted_key.size());
  if (i >= text.size() || text[i] != ':') return std::nullopt;
  i = SkipBlanks(text, i + 1);
  if (i >= text.size() || text[i] != '"') return std::nullopt;
  return Unescape(text, i + 1, limit);
}

// Message JSON that is too long to parse: looks for the wanted role from the end of `window`.
std::string SearchWindow(std::string_view window, PreviewSide side, size_t limit) {
  size_t tried = 0;
  for (size_t at = window.rfind("\"role\""); at != window.npos;
       at = at == 0 ? window.npos : window.rfind("\"role\"", at - 1)) {
    const auto role = StringBehind(window, "\"role\"", at, 16);
    if (!role || !(side == PreviewSide::kInput ? IsUser(*role) : IsAssistant(*role))) continue;
    if (tried++ == kMaxTried) break;
    const std::string_view rest = window.substr(at);
    for (const std::string_view key : {"\"text\"", "\"content\""}) {
      const auto found = StringBehind(rest, key, 0, limit);
      if (found && !found->empty() && rest.find(key) < rest.find("\"role\"", 6)) return *found;
    }
  }
  return {};
}

std::string PreviewOfLong(std::string_view json, size_t code_points, PreviewSide side) {
  const size_t limit = code_points * 8 + 64;
  std::string found = SearchWindow(json.substr(json.size() - kMaxParsed), side, limit);
  if (found.empty()) found = SearchWindow(json.substr(0, kMaxParsed), side, limit);
  return Fold(found.empty() ? json.substr(0, limit) : std::string_view(found), code_points);
}

}  // namespace

std::string Preview(std::string_view text, size_t code_points, PreviewSide side) {
  if (code_points == 0) return {};
  const size_t start = SkipBlanks(text.substr(0, kMaxParsed), 0);
  text.remove_prefix(start);
  if (text.empty()) return {};
  if (text[0] == '{' || text[0] == '[' || text[0] == '"') {
    if (text.size() > kMaxParsed) return PreviewOfLong(text, code_points, side);
    static thread_local simdjson::dom::parser parser;
    element root;
    Text shown(code_points);
    if (parser.parse(text.data(), text.size()).get(root) == simdjson::SUCCESS &&
        Show(root, side, 0, &shown)) {
      return Fold(shown.text(), code_points);
    }
  }
  return Fold(text.substr(0, code_points * 8 + 64), code_points);
}

}  // namespace ao::semconv
