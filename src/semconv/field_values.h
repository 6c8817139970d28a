#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "semconv/table.h"

// The best value of each field so far, and who hears of it. Internal to semconv/.

namespace ao::semconv {

// Hears nothing and costs nothing.
struct NoObserver {
  static constexpr bool kWantsUnmapped = false;
  void Attribute(std::string_view) {}  // what is looked at next
  void Candidate(const Row&, model::Dialect, std::string_view) {}
  void Claimed(Field, uint8_t) {}  // the attribute's value is the best so far
  void Unmapped(std::string_view) {}
  void Inferred(std::string_view, std::string_view) {}  // a field that no attribute gave, and how
};

constexpr uint8_t kUnset = 255;

struct Slot {
  const char* text;
  size_t size;
  union {
    int64_t integer;
    double number;
  };
};

template <typename Observer>
class FieldValues {
 public:
  explicit FieldValues(Observer& observer) : observer_(observer) { ranks_.fill(kUnset); }

  bool Has(Field field) const { return ranks_[static_cast<size_t>(field)] != kUnset; }
  uint8_t Rank(Field field) const { return ranks_[static_cast<size_t>(field)]; }
  std::string_view Text(Field field) const {
    const Slot& slot = slots_[static_cast<size_t>(field)];
    return Has(field) ? std::string_view(slot.text, slot.size) : std::string_view();
  }
  std::optional<int64_t> Integer(Field field) const {
    return Has(field) ? std::optional(slots_[static_cast<size_t>(field)].integer) : std::nullopt;
  }
  std::optional<double> Number(Field field) const {
    return Has(field) ? std::optional(slots_[static_cast<size_t>(field)].number) : std::nullopt;
  }

 protected:
  // Where to put a value of `rank`, or null when a better one is there. Among equals the last
  // wins, as for repeated keys.
  Slot* Claim(Field field, uint8_t rank) {
    uint8_t& best = ranks_[static_cast<size_t>(field)];
    if (rank > best) return nullptr;
    best = rank;
    observer_.Claimed(field, rank);
    return &slots_[static_cast<size_t>(field)];
  }
  void SetText(Field field, uint8_t rank, std::string_view text) {
    if (text.empty()) return;
    if (Slot* slot = Claim(field, rank)) {
      slot->text = text.data();
      slot->size = text.size();
    }
  }
  void SetInteger(Field field, uint8_t rank, std::optional<int64_t> value) {
    if (!value) return;
    if (Slot* slot = Claim(field, rank)) slot->integer = *value;
  }
  void SetNumber(Field field, uint8_t rank, std::optional<double> value) {
    if (!value || !std::isfinite(*value)) return;
    if (Slot* slot = Claim(field, rank)) slot->number = *value;
  }

 private:
  Observer& observer_;
  std::array<uint8_t, kFieldCount> ranks_;
  Slot slots_[kFieldCount];
};

}  // namespace ao::semconv
