#include "cli/waterfall.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/format.h"

namespace ao::cli {
namespace {

constexpr size_t kNarrowestBar = 10;
constexpr size_t kWidestTree = 48;
constexpr size_t kDurationWidth = 8;
constexpr size_t kDeepest = 24;  // deeper levels are indented no further

// A column of the API: a plain array, or texts by dictionary.
class ColumnReader {
 public:
  explicit ColumnReader(const Json& column)
      : dictionary_(column["dictionary"]),
        values_(column.type() == Json::Type::kObject ? column["index"] : column),
        indexed_(column.type() == Json::Type::kObject) {}

  const Json& at(size_t row) const {
    const Json& value = values_.at(row);
    return indexed_ ? dictionary_.at(static_cast<size_t>(value.integer())) : value;
  }

 private:
  const Json& dictionary_;
  const Json& values_;
  const bool indexed_;
};

Colour ColourOf(std::string_view op) {
  if (op == "llm") return Colour::kBlue;
  if (op == "tool") return Colour::kYellow;
  if (op == "retrieval" || op == "embedding" || op == "rerank") return Colour::kMagenta;
  if (op == "agent" || op == "workflow" || op == "delegate") return Colour::kCyan;
  return Colour::kNone;
}

std::string Branches(const TreeRow& row, bool unicode) {
  std::string out;
  const size_t depth = row.more.size();
  const size_t first = depth > kDeepest ? depth - kDeepest : 0;
  if (first > 0) out += unicode ? "… " : "~ ";
  for (size_t level = first; level < depth; ++level) {
    const bool last_level = level + 1 == depth;
    if (last_level) {
      out += row.more[level] ? (unicode ? "├─ " : "|- ") : (unicode ? "└─ " : "`- ");
    } else {
      out += row.more[level] ? (unicode ? "│  " : "|  ") : "   ";
    }
  }
  return out;
}

// What stands under a row's branches: the lines that go on below it.
std::string Continuation(const TreeRow& row, bool has_children, bool unicode) {
  std::string out;
  const size_t depth = row.more.size();
  const size_t first = depth > kDeepest ? depth - kDeepest : 0;
  if (first > 0) out += "  ";
  for (size_t level = first; level < depth; ++level) {
    out += row.more[level] ? (unicode ? "│  " : "|  ") : "   ";
  }
  return out + (has_children ? (unicode ? "│ " : "| ") : "  ");
}

// `width` columns in which the span's share of the trace is filled; at least one mark.
std::string Bar(const WaterfallSpan& span, Nanos total, size_t width, bool unicode) {
  const auto column = [&](Nanos at) {
    if (total <= 0 || at <= 0) return size_t{0};
    const auto scaled = static_cast<__int128>(at) * static_cast<__int128>(width) / total;
    return std::min(width - 1, static_cast<size_t>(scaled));
  };
  const size_t from = column(span.start);
  const size_t to = std::max(from, column(std::max(span.start, span.start + span.duration - 1)));
  std::string out(from, ' ');
  for (size_t i = from; i <= to; ++i) {
    out += span.duration == 0 ? (unicode ? "▏" : "|") : (unicode ? "█" : (span.failed ? "x" : "="));
  }
  out.append(width - 1 - to, ' ');
  return out;
}

std::string FactsOf(const WaterfallSpan& span, bool unicode) {
  std::string out = span.op == "other" ? "" : span.op;
  const auto add = [&out](const std::string& text) {
    if (text.empty()) return;
    if (!out.empty()) out.push_back(' ');
    out += text;
  };
  add(Printable(span.detail));
  if (span.input_tokens + span.output_tokens > 0) {
    add(fmt::format("{}{}{} tok", ShortNumber(static_cast<double>(span.input_tokens)),
                    unicode ? "→" : ">", ShortNumber(static_cast<double>(span.output_tokens))));
  } else if (span.total_tokens > 0) {
    add(fmt::format("{} tok", ShortNumber(static_cast<double>(span.total_tokens))));
  }
  add(ShortCost(span.cost_usd) + (span.default_price ? "?" : ""));
  if (span.orphan) add("(parent missing)");
  return out;
}

}  // namespace

std::vector<WaterfallSpan> ReadSpans(const Json& trace) {
  const Json& columns = trace["columns"];
  const ColumnReader id(columns["span_id"]), name(columns["name"]), op(columns["op"]),
      model(columns["model"]), tool(columns["tool"]), agent(columns["agent"]),
      status(columns["status"]), message(columns["status_message"]), type(columns["error_type"]),
      parent_row(columns["parent_row"]), parent_id(columns["parent_span_id"]),
      start(columns["start_ns"]), duration(columns["duration_ns"]), input(columns["input_tokens"]),
      output(columns["output_tokens"]), total(columns["total_tokens"]), cost(columns["cost_usd"]),
      cost_source(columns["cost_source"]);
  std::vector<WaterfallSpan> spans;
  const size_t count = columns["span_id"].size();
  for (size_t i = 0; i < count; ++i) {
    WaterfallSpan span;
    span.id = id.at(i).text();
    span.name = name.at(i).text();
    span.op = op.at(i).text();
    span.detail = model.at(i).text();
    if (span.detail.empty()) span.detail = tool.at(i).text();
    if (span.detail.empty() && (span.op == "agent" || span.op == "delegate")) {
      span.detail = agent.at(i).text();
    }
    if (span.detail == span.name) span.detail.clear();
    span.parent = parent_row.at(i).is_null() ? -1 : parent_row.at(i).integer();
    if (span.parent < 0 || span.parent >= static_cast<int64_t>(count)) span.parent = -1;
    span.orphan = span.parent < 0 && !parent_id.at(i).text().empty();
    span.failed = status.at(i).text() == "error";
    if (span.failed) {
      span.error = message.at(i).text().empty() ? type.at(i).text() : message.at(i).text();
      if (span.error.empty()) span.error = "error";
    }
    span.start = start.at(i).integer();
    span.duration = std::max<Nanos>(0, duration.at(i).integer());
    span.input_tokens = input.at(i).integer();
    span.output_tokens = output.at(i).integer();
    span.total_tokens = total.at(i).integer();
    span.cost_usd = cost.at(i).number();
    span.default_price = span.cost_usd > 0 && cost_source.at(i).text() == "default";
    spans.push_back(std::move(span));
  }
  return spans;
}

std::vector<TreeRow> TreeOrder(const std::vector<WaterfallSpan>& spans) {
  std::vector<std::vector<size_t>> children(spans.size());
  std::vector<size_t> roots;
  for (size_t i = 0; i < spans.size(); ++i) {
    if (spans[i].parent < 0) {
      roots.push_back(i);
    } else {
      children[static_cast<size_t>(spans[i].parent)].push_back(i);
    }
  }
  std::vector<bool> drawn(spans.size());
  std::vector<TreeRow> order;
  const auto draw = [&](size_t root) {
    std::vector<TreeRow> stack;
    stack.push_back({root, {}});
    while (!stack.empty()) {
      TreeRow next = std::move(stack.back());
      stack.pop_back();
      if (drawn[next.row]) continue;
      drawn[next.row] = true;
      auto& below = children[next.row];
      const auto by_start = [&](size_t a, size_t b) { return spans[a].start < spans[b].start; };
      std::stable_sort(below.begin(), below.end(), by_start);
      for (size_t i = below.size(); i-- > 0;) {
        TreeRow child{below[i], next.more};
        child.more.push_back(i + 1 < below.size());
        stack.push_back(std::move(child));
      }
      order.push_back(std::move(next));
    }
  };
  for (const size_t root : roots) draw(root);
  for (size_t i = 0; i < spans.size(); ++i) {
    if (!drawn[i]) draw(i);  // part of a cycle of parents
  }
  return order;
}

std::string RenderWaterfall(const std::vector<WaterfallSpan>& spans,
                            const WaterfallOptions& options) {
  const std::vector<TreeRow> order = TreeOrder(spans);
  Nanos total = 0;
  size_t tree_width = 10, facts_width = 0;
  for (const TreeRow& row : order) {
    const WaterfallSpan& span = spans[row.row];
    total = std::max(total, span.start + span.duration);
    tree_width = std::max(tree_width, DisplayWidth(Branches(row, options.unicode)) +
                                          DisplayWidth(Printable(span.name)) + 2);
    facts_width = std::max(facts_width, DisplayWidth(FactsOf(span, options.unicode)));
  }
  const size_t width = static_cast<size_t>(std::max(options.width, 60));
  tree_width = std::min({tree_width, kWidestTree, width * 2 / 5});
  facts_width = std::min(facts_width, width * 3 / 10);
  // tree, duration and facts, two blanks between each.
  const size_t taken = tree_width + kDurationWidth + facts_width + 6;
  const size_t bar_width = std::max(kNarrowestBar, width > taken ? width - taken : 0);

  std::string out;
  for (size_t i = 0; i < order.size(); ++i) {
    const TreeRow& row = order[i];
    const WaterfallSpan& span = spans[row.row];
    const Colour colour = span.failed ? Colour::kRed : ColourOf(span.op);
    const std::string mark = span.failed ? (options.unicode ? "✗ " : "! ") : "";
    const std::string branches = Branches(row, options.unicode);
    const std::string label = Printable(span.name);
    const size_t used = std::min(DisplayWidth(branches), tree_width);
    out += Paint(Fit(branches, tree_width, options.unicode), Colour::kDim, options.colour);
    out += Paint(Pad(mark + label, tree_width - used, options.unicode),
                 span.failed ? Colour::kRed : Colour::kNone, options.colour);
    out += "  " + fmt::format("{:>{}}", ShortDuration(span.duration), kDurationWidth) + "  ";
    out += Paint(Bar(span, total, bar_width, options.unicode), colour, options.colour);
    const std::string facts = Fit(FactsOf(span, options.unicode), facts_width, options.unicode);
    if (!facts.empty()) out += "  " + Paint(facts, Colour::kDim, options.colour);
    out.erase(out.find_last_not_of(' ') + 1);
    out.push_back('\n');
    if (span.failed) {
      const bool has_children = i + 1 < order.size() && order[i + 1].more.size() > row.more.size();
      const std::string lines =
          Fit(Continuation(row, has_children, options.unicode), tree_width, options.unicode);
      const std::string why =
          Fit("error: " + Printable(span.error), width - DisplayWidth(lines), options.unicode);
      out += Paint(lines, Colour::kDim, options.colour) + Paint(why, Colour::kRed, options.colour) +
             "\n";
    }
  }
  return out;
}

}  // namespace ao::cli
