#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// UTF-8 (RFC 3629). Thread-safe, no state.

namespace ao {

// Length of the well-formed sequence at the front of `text` (1 to 4), or 0 when there is none
// (overlong forms, surrogates and values above U+10FFFF are not well-formed).
size_t Utf8SequenceLength(std::string_view text);
bool IsValidUtf8(std::string_view text);
// The text with U+FFFD for each byte that belongs to no well-formed sequence.
std::string RepairUtf8(std::string_view text);
// The longest prefix of at most `limit` code points; never cuts a sequence. Invalid bytes count
// as one code point each.
std::string_view Utf8Prefix(std::string_view text, size_t limit);

}  // namespace ao
