#include "storage/content/epoch.h"

namespace ao::storage {

const std::string_view* PartitionEpoch::FindPiece(const ContentAddress& address) const {
  auto it = piece_index_.find(address);
  return it == piece_index_.end() ? nullptr : &pieces_[it->second].second;
}

const Node* PartitionEpoch::FindNode(const ContentAddress& address) const {
  auto it = node_index_.find(address);
  return it == node_index_.end() ? nullptr : &nodes_[it->second];
}

std::optional<uint64_t> PartitionEpoch::TotalOf(const ContentAddress& address) const {
  if (const Node* node = FindNode(address)) return node->total;
  if (const std::string_view* bytes = FindPiece(address)) return bytes->size();
  return {};
}

void PartitionEpoch::AddPiece(const ContentAddress& address, std::string_view bytes) {
  if (!piece_index_.try_emplace(address, static_cast<uint32_t>(pieces_.size())).second) return;
  pieces_.emplace_back(address, bytes);
  piece_bytes_ += bytes.size();
}

void PartitionEpoch::AddNode(const Node& node) {
  if (!node_index_.try_emplace(node.address, static_cast<uint32_t>(nodes_.size())).second) return;
  nodes_.push_back(node);
}

void PartitionEpoch::Merge(const PartitionEpoch& later) {
  for (const auto& [address, bytes] : later.pieces_) AddPiece(address, Keep(bytes));
  for (const Node& node : later.nodes_) AddNode(node);
  hits.insert(later.hits.begin(), later.hits.end());
}

uint64_t PartitionEpoch::bytes() const {
  constexpr uint64_t kPieceOverhead = 64, kNodeOverhead = 88, kHitOverhead = 32;
  return piece_bytes_ + pieces_.size() * kPieceOverhead + nodes_.size() * kNodeOverhead +
         hits.size() * kHitOverhead;
}

}  // namespace ao::storage
