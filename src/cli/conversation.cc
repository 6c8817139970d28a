#include "cli/conversation.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "cli/format.h"

namespace ao::cli {
namespace {

constexpr size_t kShortMessages = 6, kShortLines = 3;

Colour RoleColour(std::string_view role) {
  if (role == "user") return Colour::kGreen;
  if (role == "assistant") return Colour::kBlue;
  if (role == "tool") return Colour::kYellow;
  return Colour::kDim;
}

// What a part says, with a word in front where it is not plain text.
std::string PartText(const Json& part) {
  const std::string& type = part["type"].text();
  if (type == "tool_call") {
    return fmt::format("calls {}({})", part["name"].text(), part["arguments"].Display());
  }
  if (type == "tool_result") {
    const std::string& name = part["name"].text();
    return fmt::format("{}{}returned {}", name, name.empty() ? "" : " ", part["result"].Display());
  }
  if (type == "reasoning") return "(thinks) " + part["text"].text();
  if (type.empty() || type == "text") return part["text"].text();
  const std::string detail =
      part["uri"].text().empty() ? part["media_type"].text() : part["uri"].text();
  return fmt::format("[{}{}{}]", type, detail.empty() ? "" : " ", detail);
}

class Writer {
 public:
  explicit Writer(const ConversationOptions& options) : options_(options) {}

  void Message(const Json& message) {
    const std::string role = Printable(message["role"].text());
    std::string head = role;
    if (!message["name"].text().empty()) head += " " + Printable(message["name"].text());
    out_ += Paint(head, RoleColour(role), options_.colour) + "\n";
    for (const Json& part : message["parts"].items()) Lines(PartText(part));
  }
  std::string Take() { return std::move(out_); }

 private:
  void Lines(const std::string& text) {
    const size_t width = static_cast<size_t>(std::max(options_.width, 40)) - 2;
    size_t lines = 0;
    for (size_t at = 0; at <= text.size(); ++lines) {
      if (!options_.whole && lines == kShortLines) {
        out_ += options_.unicode ? "  \xE2\x80\xA6\n" : "  ...\n";
        return;
      }
      const size_t end = std::min(text.find('\n', at), text.size());
      const std::string line = Printable(std::string_view(text).substr(at, end - at));
      out_ += "  " + (options_.whole ? line : Fit(line, width, options_.unicode)) + "\n";
      at = end + 1;
    }
  }

  const ConversationOptions& options_;
  std::string out_;
};

}  // namespace

std::string RenderConversation(const Json& span, const ConversationOptions& options) {
  std::vector<const Json*> messages;
  for (const char* side : {"input", "output"}) {
    for (const Json& message : span["messages"][side].items()) messages.push_back(&message);
  }
  if (messages.empty()) return {};
  const size_t left_out =
      options.whole || messages.size() <= kShortMessages ? 0 : messages.size() - kShortMessages;
  std::string text;
  if (left_out > 0) {
    text = Paint(fmt::format("{} before; --conversation shows all",
                             Counted(static_cast<int64_t>(left_out), "message")),
                 Colour::kDim, options.colour) +
           "\n";
  }
  Writer writer(options);
  for (size_t i = left_out; i < messages.size(); ++i) writer.Message(*messages[i]);
  return text + writer.Take();
}

}  // namespace ao::cli
