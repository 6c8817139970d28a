#include "analysis/summary.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "analysis/tree.h"
#include "base/json_writer.h"
#include "base/utf8.h"

namespace ao::analysis {
namespace {

constexpr uint32_t kMaxIndent = 64;
constexpr size_t kMaxNameCodePoints = 200;

void Indent(uint32_t depth, std::string* out) {
  out->append(size_t{2} * std::min(depth, kMaxIndent), ' ');
}

// `text` on one line, cut.
void AppendWord(std::string_view text, std::string* out) {
  const std::string_view kept = Utf8Prefix(text, kMaxNameCodePoints);
  for (const char c : kept) {
    out->push_back(static_cast<uint8_t>(c) < 0x20 || c == 0x7f ? ' ' : c);
  }
  if (kept.size() < text.size()) out->append("\xE2\x80\xA6");
}

// Whole milliseconds, with one decimal below ten.
void AppendMillis(Nanos duration, std::string* out) {
  const Nanos tenths = (std::max<Nanos>(duration, 0) + kMillisecond / 20) / (kMillisecond / 10);
  if (tenths >= 100) {
    AppendInt((tenths + 5) / 10, out);
  } else {
    AppendInt(tenths / 10, out);
    if (tenths % 10 != 0) {
      out->push_back('.');
      AppendInt(tenths % 10, out);
    }
  }
  out->append(" ms");
}

void AppendSpan(const SummarySpan& span, uint32_t depth, std::string* out) {
  Indent(depth, out);
  AppendWord(span.name.empty() ? "(no name)" : span.name, out);
  out->append(" (");
  AppendMillis(span.duration, out);
  out->push_back(')');
  if (!span.model.empty()) {
    out->append(" model=");
    AppendWord(span.model, out);
  }
  if (span.tokens) {
    out->append(" tokens=");
    AppendInt(*span.tokens, out);
  }
  if (!span.tool.empty()) {
    out->append(" tool=");
    AppendWord(span.tool, out);
  }
  if (span.error) {
    out->append(span.error_type.empty() ? " error" : " error=");
    AppendWord(span.error_type, out);
  }
  out->push_back('\n');
}

// A span whose parent is missing, with everything below it: nodes [first, end).
struct Orphan {
  SpanId parent;
  size_t first, end;
};

// Orphans of one missing parent together; groups in the order of their first orphans.
std::vector<std::vector<Orphan>> GroupByParent(const std::vector<Orphan>& orphans) {
  std::vector<std::vector<Orphan>> groups;
  std::unordered_map<SpanId, size_t> group_of;
  for (const Orphan& orphan : orphans) {
    const auto [entry, is_new] = group_of.try_emplace(orphan.parent, groups.size());
    if (is_new) groups.emplace_back();
    groups[entry->second].push_back(orphan);
  }
  return groups;
}

}  // namespace

std::string SummarizeRun(std::span<const SummarySpan> spans) {
  std::vector<TreeSpan> tree_spans;
  tree_spans.reserve(spans.size());
  for (const SummarySpan& span : spans) tree_spans.push_back({span.id, span.parent, span.start});
  const std::vector<TreeNode> nodes = BuildTree(tree_spans);

  std::string out;
  std::vector<Orphan> orphans;
  for (size_t i = 0; i < nodes.size();) {
    size_t end = i + 1;
    while (end < nodes.size() && nodes[end].depth > 0) ++end;
    if (nodes[i].missing_parent) {
      orphans.push_back({spans[nodes[i].span].parent, i, end});
    } else {
      for (size_t k = i; k < end; ++k) AppendSpan(spans[nodes[k].span], nodes[k].depth, &out);
    }
    i = end;
  }
  for (const std::vector<Orphan>& group : GroupByParent(orphans)) {
    out.append("(missing parent ").append(group[0].parent.ToHex()).append(")\n");
    for (const Orphan& orphan : group) {
      for (size_t i = orphan.first; i < orphan.end; ++i) {
        AppendSpan(spans[nodes[i].span], nodes[i].depth + 1, &out);
      }
    }
  }
  return out;
}

}  // namespace ao::analysis
