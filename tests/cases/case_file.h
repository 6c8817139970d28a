#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

// A text case: blocks of a command, its input and the output that is expected of it. The format is
// described in README.md. Pure.

namespace ao::cases {

struct Block {
  std::vector<std::string> before;  // comments and blank lines above it, as they are
  int line = 0;                     // of the command, from 1
  std::string command;              // its first word
  std::string arguments;            // the rest of its line
  std::string input;                // the lines below it
  bool expects_output = false;      // there was a "----"
  std::string expected;             // what stood below that, with its line ends
  std::string expected_error;       // a regular expression; empty: the command must succeed
};

struct CaseFile {
  std::vector<Block> blocks;
  std::vector<std::string> after;  // what follows the last block
};

// invalid_argument with the line number.
Result<CaseFile> ParseCase(std::string_view text);

// The file's text; `ParseCase` of it gives the same file.
std::string FormatCase(const CaseFile& file);

}  // namespace ao::cases
