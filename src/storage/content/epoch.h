#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/hash_map.h"
#include "storage/content/content_store.h"

// Content in memory, between two seals. Internal to content/. Not synchronised: the store says
// who may touch it. Bytes stay where they are while the epoch lives.

namespace ao::storage {

using PartitionKey = std::pair<std::string, Day>;

struct Node {
  ContentAddress address, parent, piece;
  uint64_t total = 0;
};

class PartitionEpoch {
 public:
  // Null when not here.
  const std::string_view* FindPiece(const ContentAddress& address) const;
  const Node* FindNode(const ContentAddress& address) const;
  // Length of the text or piece at an address that is here.
  std::optional<uint64_t> TotalOf(const ContentAddress& address) const;

  // Bytes that outlive the caller's; not yet findable.
  std::string_view Keep(std::string_view bytes) { return arena_.Copy(bytes); }
  // `bytes` come from Keep.
  void AddPiece(const ContentAddress& address, std::string_view bytes);
  void AddNode(const Node& node);
  // Adds what `later` has; its bytes are copied.
  void Merge(const PartitionEpoch& later);

  bool empty() const { return pieces_.empty() && nodes_.empty(); }
  uint64_t bytes() const;
  const std::vector<std::pair<ContentAddress, std::string_view>>& pieces() const { return pieces_; }
  const std::vector<Node>& nodes() const { return nodes_; }

  // Pieces and nodes that Put found elsewhere (files, the frozen epoch), with their total lengths:
  // rows in memory refer to them, so a rewrite of the files must keep them. Also spares a second
  // look-up.
  HashMap<ContentAddress, uint64_t> hits;

 private:
  Arena arena_;
  uint64_t piece_bytes_ = 0;
  std::vector<std::pair<ContentAddress, std::string_view>> pieces_;  // in order of arrival
  std::vector<Node> nodes_;
  HashMap<ContentAddress, uint32_t> piece_index_;
  HashMap<ContentAddress, uint32_t> node_index_;
};

struct Epoch {
  std::map<PartitionKey, PartitionEpoch> partitions;

  const PartitionEpoch* Find(const PartitionKey& key) const {
    auto it = partitions.find(key);
    return it == partitions.end() ? nullptr : &it->second;
  }
  void Merge(const Epoch& later) {
    for (const auto& [key, partition] : later.partitions) partitions[key].Merge(partition);
  }
  uint64_t bytes() const {
    uint64_t sum = 0;
    for (const auto& [key, partition] : partitions) sum += partition.bytes();
    return sum;
  }
};

}  // namespace ao::storage
