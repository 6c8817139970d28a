#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "model-server/chat.h"

// What the model says where it is scripted. A script is a YAML (or JSON) list of rules:
//
//   - when: "loan of (\\d+)"              RE2 expression, tried on the first user message
//     system: "loan officer"              optional, tried on the first system message
//     extract: {minimum: "score of at least (\\d+)"}   the last match in the whole conversation
//     turns:                              turn i answers after i messages of the assistant;
//       - tools: [{name: score, arguments: {loan: $1}}]          the last one all later calls
//       - cases:                          the first case whose conditions hold
//           - if: ["${score} < ${minimum}"]
//             say: "Declined: ${score} is below ${minimum}."
//           - say: ["Approved.", "We approve the loan."]         one of them, by seed
//
// A turn is {say}, {tools, say}, {status, error, type} or {cases}; it may carry `usage: [prompt,
// completion]` in place of counted tokens, and in a case `chance: 0.1`. "$1" is the first group of
// `when`, "${name}" what was extracted (empty when nothing was). Plain YAML arguments that are
// numbers become JSON numbers, quoted ones stay text. Thread-safe once read.

namespace ao::model_server {

class Script {
 public:
  Script();
  ~Script();
  Script(Script&&) noexcept;
  Script& operator=(Script&&) noexcept;

  // Appends the rules of `text`; `name` is used in messages: "cannot read script f.yaml:3:5: ...".
  Status Add(std::string_view text, const std::string& name);

  // The answer of the first rule that fits, or false. `hash` decides what is left to chance.
  bool Choose(const ChatRequest& request, uint64_t hash, Answer* answer) const;

 private:
  struct Rule;
  std::vector<std::unique_ptr<Rule>> rules_;
};

}  // namespace ao::model_server
