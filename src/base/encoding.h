#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Hex and base64 (RFC 4648) codecs. Thread-safe, no state.

namespace ao {

// Appends two lower-case digits a byte.
void AppendHex(std::string_view raw, std::string* out);
std::string ToHex(std::string_view raw);
// Either case; false when `hex` has a non-hex digit or its length is not 2 * size.
bool DecodeHex(std::string_view hex, uint8_t* out, size_t size);

// Standard alphabet with padding.
std::string EncodeBase64(std::string_view raw);
// Standard or URL-safe alphabet, padding optional; nullopt on any other character.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace ao
