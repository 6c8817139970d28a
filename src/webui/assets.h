#pragma once

#include <span>
#include <string>
#include <string_view>

// The files of the web UI, embedded in the program. Thread-safe, immutable.

namespace ao::webui {

struct Asset {
  std::string_view path;  // "index.html", "assets/app-3f2c.js"
  std::string_view content;
  std::string_view brotli, gzip;  // the same content packed; empty where it is not
  std::string_view content_type;
  std::string hash;        // of `content`
  bool immutable = false;  // the name changes with the content
};

std::span<const Asset> Assets();
// Null when there is no such file.
const Asset* FindAsset(std::string_view path);

}  // namespace ao::webui
