#include "runs/usage.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <string>
#include <tuple>

namespace ao::runs {
namespace {

using model::CostSource;
using model::Op;
using model::UsagePart;

constexpr int kMaxNestedCalls = 8;  // instrumentations of one call that may lie in each other
constexpr uint32_t kMixed = kNone - 1;

bool IsModelCall(Op op) { return op == Op::kLlm || op == Op::kEmbedding || op == Op::kRerank; }

bool HasCost(const SpanState& span) { return span.cost_usd >= 0; }
bool HasTokens(const SpanState& span) { return span.has_usage(); }

bool SameTokens(const SpanState& a, const SpanState& b) {
  if (!a.has_usage() || !b.has_usage() || a.tokens() != b.tokens()) return false;
  const auto agree = [](int32_t x, int32_t y) { return x < 0 || y < 0 || x == y; };
  return agree(a.input_tokens, b.input_tokens) && agree(a.output_tokens, b.output_tokens);
}

int Detail(const SpanState& span) {
  int known = 0;
  for (const int32_t tokens : {span.input_tokens, span.output_tokens, span.cache_read_tokens,
                               span.cache_write_tokens, span.reasoning_tokens}) {
    known += tokens >= 0;
  }
  return span.estimated ? known - 8 : known;
}

// Which spans are the same call. Sets are named by one of their members.
class Calls {
 public:
  explicit Calls(const RunTree& tree) : tree_(tree), set_(tree.size()), outer_(tree.size(), kNone) {
    std::iota(set_.begin(), set_.end(), 0);
    FindOuter();
    JoinByResponse();
    if (!nested_.empty()) {
      JoinByTokens();
      JoinOnlyChildren();
    }
  }

  uint32_t SetOf(uint32_t i) {
    while (set_[i] != i) i = set_[i] = set_[set_[i]];
    return i;
  }
  // The nearest model call of the same kind around a model call, on this side of a tool.
  uint32_t outer(uint32_t i) const { return outer_[i]; }
  bool wraps(uint32_t i) const { return !nested_.empty() && wraps_[i]; }
  const std::vector<uint32_t>& nested() const { return nested_; }

 private:
  void Join(uint32_t a, uint32_t b) {
    a = SetOf(a);
    b = SetOf(b);
    set_[std::max(a, b)] = std::min(a, b);
  }

  void FindOuter() {
    std::vector<std::array<uint32_t, 3>> around(tree_.size());
    for (const uint32_t i : tree_.top_down()) {
      const SpanState& span = tree_.span(i);
      const uint32_t above = tree_.above(i);
      around[i] = above == kNone ? std::array{kNone, kNone, kNone} : around[above];
      if (span.op == Op::kTool || span.op == Op::kDelegate) around[i] = {kNone, kNone, kNone};
      if (!IsModelCall(span.op)) continue;
      uint32_t& nearest = around[i][span.op == Op::kLlm ? 0 : span.op == Op::kEmbedding ? 1 : 2];
      outer_[i] = nearest;
      if (nearest != kNone) nested_.push_back(i);
      nearest = i;
    }
    if (nested_.empty()) return;
    wraps_.assign(tree_.size(), false);
    for (const uint32_t i : nested_) wraps_[outer_[i]] = true;
  }

  void JoinByResponse() {
    std::vector<std::tuple<uint64_t, Op, uint32_t>> keys;
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      const SpanState& span = tree_.span(i);
      if (IsModelCall(span.op) && span.call_key != 0) keys.emplace_back(span.call_key, span.op, i);
    }
    std::sort(keys.begin(), keys.end());
    for (size_t k = 1; k < keys.size(); ++k) {
      const auto& [key, op, i] = keys[k];
      const auto& [before_key, before_op, before] = keys[k - 1];
      if (key == before_key && op == before_op) Join(before, i);
    }
  }

  // A span joins one inner span only: two calls that happen to be alike stay two.
  void JoinByTokens() {
    std::vector<bool> joined(tree_.size(), false);
    for (const uint32_t i : nested_) {
      uint32_t outer = outer_[i];
      for (int hop = 0; hop < kMaxNestedCalls && outer != kNone; ++hop, outer = outer_[outer]) {
        if (joined[outer] || !SameTokens(tree_.span(outer), tree_.span(i))) continue;
        joined[outer] = true;
        Join(outer, i);
      }
    }
  }

  void JoinOnlyChildren() {
    std::vector<uint32_t> inside(tree_.size(), kNone);
    // Children come behind their parents in nested_: from the back, the innermost first.
    for (size_t k = nested_.size(); k-- > 0;) {
      const uint32_t child = nested_[k];
      if (inside[child] != kNone && inside[child] != kMixed) Join(child, inside[child]);
      uint32_t& one = inside[outer_[child]];
      if (one == kNone) {
        one = child;
      } else if (one != kMixed && SetOf(one) != SetOf(child)) {
        one = kMixed;
      }
    }
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      if (outer_[i] == kNone && inside[i] != kNone && inside[i] != kMixed) Join(i, inside[i]);
    }
  }

  const RunTree& tree_;
  std::vector<uint32_t> set_;
  std::vector<uint32_t> outer_;
  std::vector<uint32_t> nested_;  // spans with an outer one, outer ones first
  std::vector<bool> wraps_;
};

// Which spans count when those that have something are `Has`: not those that merely sum up others.
class Counted {
 public:
  Counted(const RunTree& tree, Calls* calls, bool (*has)(const SpanState&))
      : tree_(tree), calls_(*calls), has_(has), any_below_(tree.size(), false) {
    for (uint32_t i = 0; i < tree.size(); ++i) {
      if (!has(tree.span(i))) continue;
      for (uint32_t at = tree.above(i); at != kNone && !any_below_[at]; at = tree.above(at)) {
        any_below_[at] = true;
      }
    }
    if (calls->nested().empty()) return;
    set_below_.assign(tree.size(), kNone);
    for (const uint32_t i : calls->nested()) {
      if (has(tree.span(i))) MarkOuter(i);
    }
  }

  bool operator()(uint32_t i) {
    const SpanState& span = tree_.span(i);
    if (!has_(span)) return false;
    if (!IsModelCall(span.op)) return !any_below_[i];
    return set_below_.empty() || set_below_[i] == kNone || set_below_[i] == calls_.SetOf(i);
  }
  bool IsInnermost(uint32_t i) const { return set_below_.empty() || set_below_[i] == kNone; }

 private:
  void MarkOuter(uint32_t i) {
    const uint32_t set = calls_.SetOf(i);
    for (uint32_t at = calls_.outer(i); at != kNone; at = calls_.outer(at)) {
      uint32_t& below = set_below_[at];
      if (below == set || below == kMixed) return;
      below = below == kNone ? set : kMixed;
    }
  }

  const RunTree& tree_;
  Calls& calls_;
  bool (*has_)(const SpanState&);
  std::vector<bool> any_below_;
  std::vector<uint32_t> set_below_;  // the one call that has something inside; empty: none nested
};

// The spans that speak for a call, by its set.
struct Speakers {
  uint32_t call = kNone;    // the earliest that wraps nothing
  uint32_t tokens = kNone;  // whose tokens count
  uint32_t cost = kNone;
  uint32_t model = 0, provider = 0;  // of the earliest that has one

  uint32_t home() const { return tokens != kNone ? tokens : cost != kNone ? cost : call; }
};

class Counter {
 public:
  Counter(const RunTree& tree, const Owners& owners, const Interner& interner)
      : tree_(tree),
        owners_(owners),
        interner_(interner),
        calls_(tree),
        tokens_count_(tree, &calls_, &HasTokens),
        cost_counts_(tree, &calls_, &HasCost),
        speakers_(tree.size()) {}

  Usage Count() {
    ChooseSpeakers();
    Usage usage;
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      const SpanState& span = tree_.span(i);
      if (!IsModelCall(span.op)) {
        if (tokens_count_(i)) AddTokens(span, PartOf(i, span.provider, span.model));
        if (cost_counts_(i)) AddCost(span, PartOf(i, span.provider, span.model));
        continue;
      }
      if (calls_.SetOf(i) != i) continue;
      const Speakers& speakers = speakers_[i];
      const uint32_t home = speakers.home();
      if (home == kNone) continue;
      const SpanState& at = tree_.span(home);
      UsagePart* part = PartOf(home, at.provider != 0 ? at.provider : speakers.provider,
                               at.model != 0 ? at.model : speakers.model);
      if (speakers.call != kNone) {
        ++part->calls;
        usage.llm_calls += span.op == Op::kLlm;
      }
      if (speakers.tokens != kNone) AddTokens(tree_.span(speakers.tokens), part);
      if (speakers.cost != kNone) AddCost(tree_.span(speakers.cost), part);
    }
    usage.parts = TakeParts();
    return usage;
  }

 private:
  void ChooseSpeakers() {
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      const SpanState& span = tree_.span(i);
      if (!IsModelCall(span.op)) continue;
      Speakers& speakers = speakers_[calls_.SetOf(i)];
      if (speakers.model == 0) speakers.model = span.model;
      if (speakers.provider == 0) speakers.provider = span.provider;
      if (speakers.call == kNone && !calls_.wraps(i)) speakers.call = i;
      if (tokens_count_(i) && tokens_count_.IsInnermost(i) && TellsMore(i, speakers.tokens)) {
        speakers.tokens = i;
      }
      if (cost_counts_(i) && CostsSurer(i, speakers.cost)) speakers.cost = i;
    }
    // An outer span of surely the same call may know more kinds of tokens.
    for (const uint32_t inner : calls_.nested()) {
      const uint32_t i = calls_.outer(inner);
      uint32_t& best = speakers_[calls_.SetOf(i)].tokens;
      if (best == kNone || i == best || !tokens_count_(i)) continue;
      const SpanState &a = tree_.span(i), &b = tree_.span(best);
      const bool same = (a.call_key != 0 && a.call_key == b.call_key) || SameTokens(a, b);
      if (same && Detail(a) > Detail(b)) best = i;
    }
  }

  bool TellsMore(uint32_t i, uint32_t than) const {
    if (than == kNone) return true;
    const SpanState &a = tree_.span(i), &b = tree_.span(than);
    return std::pair(Detail(a), a.tokens()) > std::pair(Detail(b), b.tokens());
  }
  bool CostsSurer(uint32_t i, uint32_t than) const {
    if (than == kNone) return true;
    const SpanState &a = tree_.span(i), &b = tree_.span(than);
    if (a.cost_source != b.cost_source) return a.cost_source < b.cost_source;
    return calls_.wraps(than) && !calls_.wraps(i);
  }

  UsagePart* PartOf(uint32_t i, uint32_t provider, uint32_t model) {
    const SpanState& span = tree_.span(i);
    const std::array<uint32_t, 5> key = {owners_.agent[i], span.service, provider, model,
                                         owners_.tool[i]};
    const auto [at, is_new] = parts_.try_emplace(key);
    UsagePart& part = at->second;
    if (is_new) {
      part.agent = interner_.Text(key[0]);
      part.service = interner_.Text(key[1]);
      part.provider = interner_.Text(key[2]);
      part.model = interner_.Text(key[3]);
      part.tool = interner_.Text(key[4]);
    }
    return &part;
  }

  static void AddTokens(const SpanState& span, UsagePart* part) {
    const auto known = [](int32_t tokens) { return std::max<int64_t>(tokens, 0); };
    part->input_tokens += known(span.input_tokens);
    part->output_tokens += known(span.output_tokens);
    part->total_tokens += span.tokens();
    part->cache_read_tokens += known(span.cache_read_tokens);
    part->cache_write_tokens += known(span.cache_write_tokens);
    part->reasoning_tokens += known(span.reasoning_tokens);
    if (span.estimated) {
      part->estimated_tokens += known(span.input_tokens) + known(span.output_tokens);
    }
  }
  static void AddCost(const SpanState& span, UsagePart* part) {
    part->cost_usd += span.cost_usd;
    part->cost_source = std::max(part->cost_source, span.cost_source);
  }

  static auto KeyOf(const UsagePart& part) {
    return std::tie(part.agent, part.service, part.provider, part.model, part.tool);
  }

  std::vector<UsagePart> TakeParts() {
    std::vector<UsagePart> parts;
    for (auto& [key, part] : parts_) parts.push_back(std::move(part));
    const auto by_key = [](const UsagePart& a, const UsagePart& b) { return KeyOf(a) < KeyOf(b); };
    std::sort(parts.begin(), parts.end(), by_key);
    if (parts.size() <= kMaxParts) return parts;
    std::stable_sort(parts.begin(), parts.end(), [](const UsagePart& a, const UsagePart& b) {
      return std::tie(a.cost_usd, a.total_tokens) > std::tie(b.cost_usd, b.total_tokens);
    });
    UsagePart rest;
    for (std::string UsagePart::*text :
         {&UsagePart::agent, &UsagePart::service, &UsagePart::provider, &UsagePart::model,
          &UsagePart::tool}) {
      rest.*text = "(other)";
    }
    for (size_t i = kMaxParts - 1; i < parts.size(); ++i) AddPart(parts[i], &rest);
    parts.resize(kMaxParts - 1);
    parts.push_back(std::move(rest));
    std::sort(parts.begin(), parts.end(), by_key);
    return parts;
  }

  static void AddPart(const UsagePart& part, UsagePart* sum) {
    for (int64_t UsagePart::*count :
         {&UsagePart::calls, &UsagePart::input_tokens, &UsagePart::output_tokens,
          &UsagePart::total_tokens, &UsagePart::cache_read_tokens, &UsagePart::cache_write_tokens,
          &UsagePart::reasoning_tokens, &UsagePart::estimated_tokens}) {
      sum->*count += part.*count;
    }
    sum->cost_usd += part.cost_usd;
    sum->cost_source = std::max(sum->cost_source, part.cost_source);
  }

  const RunTree& tree_;
  const Owners& owners_;
  const Interner& interner_;
  Calls calls_;
  Counted tokens_count_, cost_counts_;
  std::vector<Speakers> speakers_;
  std::map<std::array<uint32_t, 5>, UsagePart> parts_;
};

}  // namespace

Usage CountUsage(const RunTree& tree, const Owners& owners, const Interner& interner) {
  return Counter(tree, owners, interner).Count();
}

}  // namespace ao::runs
