#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// What a call to a model can be charged for, and how reported amounts become amounts that are
// charged once. Amounts are tokens, or what the unit's name says; prices are US dollars per `per`
// of them. Plain values and constants; thread-safe.
//
// Units overlap: cached input tokens are input tokens too. A price list that has a price for the
// more specific unit charges it at that price and the rest at the price of the wider one, so an
// amount is reduced by the more specific ones that have a price of their own (LeafAmounts). Where a
// specific unit has no price its tokens stay in the wider unit.

namespace ao::cost {

enum class Unit : uint8_t {
  kInput,
  kOutput,
  kCacheRead,
  kCacheWrite,
  kCacheWrite5m,
  kCacheWrite1h,
  kInputAudio,
  kOutputAudio,
  kCacheAudioRead,
  kInputImage,
  kOutputImage,
  kCacheImageRead,
  kInputVideo,
  kOutputVideo,
  kReasoning,
  kCitation,
  kAudioSeconds,
  kInputAudioSeconds,
  kInputPages,
  kInputAnnotatedPages,
  kInputTextMessages,
  kRequests,
  kRerankSearches,
  kWebSearches,
  kStorageSearches,
};
constexpr size_t kUnitCount = static_cast<size_t>(Unit::kStorageSearches) + 1;
using UnitSet = uint32_t;  // bit per unit
constexpr UnitSet SetOf(Unit unit) { return UnitSet{1} << static_cast<unsigned>(unit); }

// Which side of the bill a unit is on.
enum class Side : uint8_t { kInput, kOutput, kOther };

struct UnitInfo {
  std::string_view name;       // "cache_read"; the bucket in an explanation
  std::string_view usage_key;  // of the catalogue's calculator: "cache_read_tokens"
  std::string_view price_key;  // of the catalogue's rows: "cache_read_mtok"
  double per;                  // a price is for so many: 1e6 tokens, 1e3 searches, 3600 seconds
  Side side;
  UnitSet within;  // the wider units that it is a part of
};
const UnitInfo& InfoOf(Unit unit);
// The unit of a catalogue's price key, or null.
const UnitInfo* FindPriceKey(std::string_view price_key, Unit* unit);
const UnitInfo* FindUsageKey(std::string_view usage_key, Unit* unit);

// Amounts by unit. Input includes cached, audio and image input; output includes reasoning.
struct Usage {
  std::array<double, kUnitCount> amount{};

  double& operator[](Unit unit) { return amount[static_cast<size_t>(unit)]; }
  double operator[](Unit unit) const { return amount[static_cast<size_t>(unit)]; }
  bool empty() const {
    for (const double a : amount) {
      if (a > 0) return false;
    }
    return true;
  }
};

// What is charged in each unit of `priced`, a list that has more specific units before the wider
// ones (SpecificFirst): the reported amount less what more specific priced units are charged.
// Amounts that contradict each other (more cached than input) are charged as reported in the
// specific unit, and the wider one is left with nothing. Others in `out` are not touched.
void LeafAmounts(const Usage& usage, const Unit* priced, size_t count, double* out);
// Sorting order for LeafAmounts.
bool SpecificFirst(Unit a, Unit b);

}  // namespace ao::cost
