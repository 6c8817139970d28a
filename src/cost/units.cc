#include "cost/units.h"

#include <bit>

namespace ao::cost {
namespace {

constexpr UnitSet kNone = 0;
constexpr UnitSet kIn = SetOf(Unit::kInput), kOut = SetOf(Unit::kOutput);
constexpr UnitSet kWrite = kIn | SetOf(Unit::kCacheWrite);
constexpr double kMillion = 1e6, kThousand = 1e3, kHour = 3600;

constexpr UnitInfo kUnits[] = {
    {"input", "input_tokens", "input_mtok", kMillion, Side::kInput, kNone},
    {"output", "output_tokens", "output_mtok", kMillion, Side::kOutput, kNone},
    {"cache_read", "cache_read_tokens", "cache_read_mtok", kMillion, Side::kInput, kIn},
    {"cache_write", "cache_write_tokens", "cache_write_mtok", kMillion, Side::kInput, kIn},
    {"cache_write_5m", "cache_write_5m_tokens", "cache_write_5m_mtok", kMillion, Side::kInput,
     kWrite},
    {"cache_write_1h", "cache_write_1h_tokens", "cache_write_1h_mtok", kMillion, Side::kInput,
     kWrite},
    {"input_audio", "input_audio_tokens", "input_audio_mtok", kMillion, Side::kInput, kIn},
    {"output_audio", "output_audio_tokens", "output_audio_mtok", kMillion, Side::kOutput, kOut},
    {"cache_audio_read", "cache_audio_read_tokens", "cache_audio_read_mtok", kMillion, Side::kInput,
     kIn | SetOf(Unit::kCacheRead) | SetOf(Unit::kInputAudio)},
    {"input_image", "input_image_tokens", "input_image_mtok", kMillion, Side::kInput, kIn},
    {"output_image", "output_image_tokens", "output_image_mtok", kMillion, Side::kOutput, kOut},
    {"cache_image_read", "cache_image_read_tokens", "cache_image_read_mtok", kMillion, Side::kInput,
     kIn | SetOf(Unit::kCacheRead) | SetOf(Unit::kInputImage)},
    {"input_video", "input_video_tokens", "input_video_mtok", kMillion, Side::kInput, kIn},
    {"output_video", "output_video_tokens", "output_video_mtok", kMillion, Side::kOutput, kOut},
    {"reasoning", "output_reasoning_tokens", "output_reasoning_mtok", kMillion, Side::kOutput,
     kOut},
    {"citation", "output_citation_tokens", "output_citation_mtok", kMillion, Side::kOutput, kOut},
    {"audio_seconds", "audio_seconds", "audio_hours", kHour, Side::kOther, kNone},
    {"input_audio_seconds", "input_audio_seconds", "input_audio_hours", kHour, Side::kInput,
     SetOf(Unit::kAudioSeconds)},
    {"input_pages", "input_document_pages", "input_document_kpages", kThousand, Side::kInput,
     kNone},
    {"input_annotated_pages", "input_annotated_document_pages", "input_annotated_document_kpages",
     kThousand, Side::kInput, SetOf(Unit::kInputPages)},
    {"input_text_messages", "input_text_messages", "input_text_messages_kcount", kThousand,
     Side::kInput, kNone},
    {"requests", "requests", "requests_kcount", kThousand, Side::kOther, kNone},
    {"rerank_searches", "rerank_searches", "rerank_searches_kcount", kThousand, Side::kOther,
     kNone},
    {"web_searches", "web_searches", "web_searches_kcount", kThousand, Side::kOther, kNone},
    {"storage_searches", "storage_searches", "storage_searches_kcount", kThousand, Side::kOther,
     kNone},
};
static_assert(std::size(kUnits) == kUnitCount);

template <typename Matches>
const UnitInfo* Find(Matches matches, Unit* unit) {
  for (size_t i = 0; i < kUnitCount; ++i) {
    if (!matches(kUnits[i])) continue;
    *unit = static_cast<Unit>(i);
    return &kUnits[i];
  }
  return nullptr;
}

}  // namespace

const UnitInfo& InfoOf(Unit unit) { return kUnits[static_cast<size_t>(unit)]; }

const UnitInfo* FindPriceKey(std::string_view price_key, Unit* unit) {
  return Find([&](const UnitInfo& info) { return info.price_key == price_key; }, unit);
}

const UnitInfo* FindUsageKey(std::string_view usage_key, Unit* unit) {
  return Find([&](const UnitInfo& info) { return info.usage_key == usage_key; }, unit);
}

bool SpecificFirst(Unit a, Unit b) {
  const int wider_a = std::popcount(InfoOf(a).within), wider_b = std::popcount(InfoOf(b).within);
  return wider_a != wider_b ? wider_a > wider_b : a < b;
}

void LeafAmounts(const Usage& usage, const Unit* priced, size_t count, double* out) {
  for (size_t i = 0; i < count; ++i) {
    double amount = usage[priced[i]];
    const UnitSet self = SetOf(priced[i]);
    for (size_t j = 0; j < i; ++j) {
      if ((InfoOf(priced[j]).within & self) != 0) amount -= out[j];
    }
    out[i] = amount > 0 ? amount : 0;
  }
}

}  // namespace ao::cost
