#include "cli/table.h"

#include <algorithm>

namespace ao::cli {
namespace {

constexpr size_t kNarrowest = 8;
constexpr size_t kGap = 2;

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  return out + "\"";
}

}  // namespace

std::string EscapeTab(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      default: out.push_back(c);
    }
  }
  return out;
}

void Table::Print(Io& io) const {
  if (io.out_is_tty) {
    PrintAligned(io);
  } else {
    PrintTabs(io.out);
  }
}

void Table::PrintTabs(std::ostream& out) const {
  for (size_t i = 0; i < columns_.size(); ++i) out << (i == 0 ? "" : "\t") << columns_[i].name;
  out << "\n";
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) out << (i == 0 ? "" : "\t") << EscapeTab(row[i].full);
    out << "\n";
  }
}

void Table::PrintCsv(std::ostream& out) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    out << (i == 0 ? "" : ",") << CsvField(columns_[i].name);
  }
  out << "\r\n";
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) out << (i == 0 ? "" : ",") << CsvField(row[i].full);
    out << "\r\n";
  }
}

void Table::PrintAligned(Io& io) const {
  const auto text_of = [](const Cell& cell) {
    return Printable(cell.shown.empty() ? cell.full : cell.shown);
  };
  std::vector<size_t> widths;
  size_t total = 0;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = DisplayWidth(columns_[i].title);
    bool any = !columns_[i].optional;
    for (const auto& row : rows_) {
      const std::string text = text_of(row[i]);
      width = std::max(width, DisplayWidth(text));
      any = any || (!text.empty() && text != "-");
    }
    if (columns_[i].title.empty() || !any) width = 0;
    widths.push_back(width);
    total += width == 0 ? 0 : width + kGap;
  }
  // Flexible columns give way, the widest first.
  const size_t available = static_cast<size_t>(std::max(io.width, 40)) + kGap;
  while (total > available) {
    size_t widest = columns_.size();
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].flexible && widths[i] > kNarrowest &&
          (widest == columns_.size() || widths[i] > widths[widest])) {
        widest = i;
      }
    }
    if (widest == columns_.size()) break;
    --widths[widest];
    --total;
  }

  const auto print_row = [&](auto cell_of) {
    std::string line;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (widths[i] == 0) continue;
      const auto [raw, colour] = cell_of(i);
      const std::string text = Fit(raw, widths[i], io.unicode);
      const std::string blanks(widths[i] - std::min(widths[i], DisplayWidth(text)), ' ');
      const std::string painted = Paint(text, colour, io.colour);
      line += columns_[i].right ? blanks + painted : painted + blanks;
      line += std::string(kGap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    io.out << line << "\n";
  };
  print_row([&](size_t i) { return std::pair(columns_[i].title, Colour::kDim); });
  for (const auto& row : rows_) {
    print_row([&](size_t i) { return std::pair(text_of(row[i]), row[i].colour); });
  }
}

}  // namespace ao::cli
