#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/ids.h"

// A split-block Bloom filter of content addresses (12 bits a record, about 0.5 % false answers):
// one cache line half a probe. Internal to content/. An immutable value; thread-safe.

namespace ao::storage {

class AddressFilter {
 public:
  AddressFilter() = default;
  explicit AddressFilter(size_t records) : bytes_((records * 12 / 256 + 1) * sizeof(Block), '\0') {}
  // From bytes(); their number must be a multiple of 32.
  explicit AddressFilter(std::string_view bytes) : bytes_(bytes) {}

  void Add(const ContentAddress& address) {
    Block block;
    char* at = bytes_.data() + OffsetOf(address);
    std::memcpy(&block, at, sizeof(block));
    const Block mask = MaskOf(address);
    for (size_t i = 0; i < block.size(); ++i) block[i] |= mask[i];
    std::memcpy(at, &block, sizeof(block));
  }

  bool MayContain(const ContentAddress& address) const {
    if (bytes_.empty()) return false;
    Block block;
    std::memcpy(&block, bytes_.data() + OffsetOf(address), sizeof(block));
    const Block mask = MaskOf(address);
    uint32_t missing = 0;
    for (size_t i = 0; i < block.size(); ++i) missing |= mask[i] & ~block[i];
    return missing == 0;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  using Block = std::array<uint32_t, 8>;

  size_t OffsetOf(const ContentAddress& address) const {
    const uint64_t blocks = bytes_.size() / sizeof(Block);
    return static_cast<size_t>(((address.high >> 32) * blocks) >> 32) * sizeof(Block);
  }
  static Block MaskOf(const ContentAddress& address) {
    static constexpr Block kSalt = {0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU,
                                    0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};
    Block mask;
    for (size_t i = 0; i < mask.size(); ++i) {
      mask[i] = 1u << ((static_cast<uint32_t>(address.low) * kSalt[i]) >> 27);
    }
    return mask;
  }

  std::string bytes_;
};

}  // namespace ao::storage
