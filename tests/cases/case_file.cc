#include "cases/case_file.h"

#include <utility>

#include <fmt/format.h>

namespace ao::cases {
namespace {

constexpr std::string_view kSeparator = "----";
constexpr std::string_view kError = "error ";
constexpr std::string_view kBlank = "<blank>";  // an empty line of output

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool IsBetweenBlocks(std::string_view line) { return line.empty() || line.front() == '#'; }

}  // namespace

Result<CaseFile> ParseCase(std::string_view text) {
  const std::vector<std::string_view> lines = LinesOf(text);
  CaseFile file;
  size_t i = 0;
  while (i < lines.size()) {
    Block block;
    for (; i < lines.size() && IsBetweenBlocks(lines[i]); ++i) block.before.emplace_back(lines[i]);
    if (i == lines.size()) {
      file.after = std::move(block.before);
      break;
    }
    block.line = static_cast<int>(i) + 1;
    const std::string_view head = lines[i++];
    const size_t blank = std::min(head.find(' '), head.size());
    block.command = std::string(head.substr(0, blank));
    block.arguments = std::string(head.substr(std::min(blank + 1, head.size())));
    for (; i < lines.size() && !lines[i].empty(); ++i) {
      if (lines[i] == kSeparator) {
        block.expects_output = true;
        for (++i; i < lines.size() && !lines[i].empty(); ++i) {
          block.expected.append(lines[i] == kBlank ? std::string_view() : lines[i]).append("\n");
        }
        break;
      }
      if (lines[i].starts_with(kError)) {
        block.expected_error = std::string(lines[i].substr(kError.size()));
        ++i;
        if (i < lines.size() && !lines[i].empty()) {
          return InvalidArgument(fmt::format("line {}: 'error' must end its block", i + 1));
        }
        break;
      }
      block.input.append(lines[i]).append("\n");
    }
    file.blocks.push_back(std::move(block));
  }
  return file;
}

std::string FormatCase(const CaseFile& file) {
  std::string text;
  const auto add = [&](std::string_view line) { text.append(line).append("\n"); };
  for (const Block& block : file.blocks) {
    for (const std::string& line : block.before) add(line);
    add(block.arguments.empty() ? block.command : block.command + " " + block.arguments);
    text += block.input;
    if (!block.expected_error.empty()) add(std::string(kError) + block.expected_error);
    if (!block.expects_output) continue;
    add(kSeparator);
    for (const std::string_view line : LinesOf(block.expected)) add(line.empty() ? kBlank : line);
  }
  for (const std::string& line : file.after) add(line);
  return text;
}

}  // namespace ao::cases
