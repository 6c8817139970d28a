#pragma once

#include <span>
#include <string>
#include <string_view>

// The files of assets/, embedded in the program. Thread-safe, immutable.

namespace ao::webui {

struct Asset {
  std::string_view path;  // "index.html"
  std::string_view content;
  std::string_view content_type;
  std::string etag;  // strong, with its quotes
};

std::span<const Asset> Assets();
// Null when there is no such file.
const Asset* FindAsset(std::string_view path);

}  // namespace ao::webui
