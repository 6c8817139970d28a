#include "webui/assets.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace ao::webui {
namespace {

struct EmbeddedFile {
  const char* path;
  const char* begin;
  const char* end;
};

#include "webui/embedded_table.inc"

std::string_view ContentTypeOf(std::string_view path) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
  };
  for (const auto& [suffix, type] : kTypes) {
    if (path.ends_with(suffix)) return type;
  }
  return "application/octet-stream";
}

constexpr std::string_view kBrotli = ".br";
constexpr std::string_view kGzip = ".gz";

std::string_view ContentOf(const EmbeddedFile& file) {
  return {file.begin, static_cast<size_t>(file.end - file.begin)};
}

// FILE.br and FILE.gz are packed forms of FILE, not files of their own.
std::string_view Packed(std::string_view path, std::string_view suffix) {
  for (const EmbeddedFile& file : kEmbeddedFiles) {
    const std::string_view candidate = file.path;
    if (candidate.size() == path.size() + suffix.size() && candidate.starts_with(path) &&
        candidate.ends_with(suffix)) {
      return ContentOf(file);
    }
  }
  return {};
}

std::vector<Asset> MakeAssets() {
  std::vector<Asset> assets;
  for (const EmbeddedFile& file : kEmbeddedFiles) {
    Asset asset;
    asset.path = file.path;
    if (asset.path.ends_with(kBrotli) || asset.path.ends_with(kGzip)) continue;
    asset.content = ContentOf(file);
    asset.brotli = Packed(asset.path, kBrotli);
    asset.gzip = Packed(asset.path, kGzip);
    asset.content_type = ContentTypeOf(asset.path);
    asset.hash = Hash128(asset.content).ToHex();
    asset.immutable = asset.path.starts_with("assets/");
    assets.push_back(std::move(asset));
  }
  return assets;
}

}  // namespace

std::span<const Asset> Assets() {
  static const std::vector<Asset> assets = MakeAssets();
  return assets;
}

const Asset* FindAsset(std::string_view path) {
  const auto assets = Assets();
  const auto found = std::find_if(assets.begin(), assets.end(),
                                  [&](const Asset& asset) { return asset.path == path; });
  return found != assets.end() ? &*found : nullptr;
}

}  // namespace ao::webui
