#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/content/content_store.h"
#include "storage/content/epoch.h"
#include "storage/content/file_reader.h"
#include "storage/content/text_pattern.h"

// What ContentStore::FindTexts works with. Internal to content/.

namespace ao::storage {

// All content of a project and day, as it was at one moment.
struct PartitionContent {
  Readers files;
  std::vector<std::pair<ContentAddress, std::string_view>> pieces;  // in memory
  std::vector<Node> nodes;
  std::shared_ptr<const Epoch> pending, frozen;  // hold the bytes of `pieces`
};

struct TextSource {
  std::function<PartitionContent(Day)> open;
  std::function<Result<std::string>(Day, const ContentAddress&)> read;
  std::function<uint64_t()> version;  // changes when files are replaced
};

std::unique_ptr<TextFinder> MakeTextFinder(TextSource source, const TextPattern& pattern);

}  // namespace ao::storage
