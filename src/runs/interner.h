#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash_map.h"

// Numbers for strings that repeat: 0 is the empty one. Internal to runs/. Single-thread.

namespace ao::runs {

class Interner {
 public:
  Interner() { texts_.emplace_back(); }

  uint32_t Intern(std::string_view text) {
    if (text.empty()) return 0;
    const auto found = ids_.find(text);
    if (found != ids_.end()) return found->second;
    const auto id = static_cast<uint32_t>(texts_.size());
    const std::string& kept = texts_.emplace_back(text);
    ids_.emplace(kept, id);
    bytes_ += text.size() + kOverhead;
    return id;
  }
  std::optional<uint32_t> Find(std::string_view text) const {
    if (text.empty()) return 0;
    const auto found = ids_.find(text);
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
  }
  const std::string& Text(uint32_t id) const { return texts_[id]; }
  size_t size() const { return texts_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  static constexpr size_t kOverhead = 64;
  std::deque<std::string> texts_;  // stable addresses: the map's keys view them
  HashMap<std::string_view, uint32_t> ids_;
  size_t bytes_ = 0;
};

}  // namespace ao::runs
