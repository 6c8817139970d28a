#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

// What counts as a token here. No vocabulary: a token is a run of letters of at most six bytes
// (with the blank in front of it), of up to three digits, of blanks, or one other character, which
// is near what tokenizers of the large providers count for English. The same rule splits streamed
// answers, so that an answer streams in exactly as many pieces as its usage says. Thread-safe, no
// state.

namespace ao::model_server {

// The pieces of `text` in order; together they are `text`. UTF-8 sequences are never cut.
std::vector<std::string_view> SplitTokens(std::string_view text);
int64_t CountTokens(std::string_view text);

}  // namespace ao::model_server
