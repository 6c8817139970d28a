#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/format.h"

// A list for people and programs: on a terminal an aligned table with short values, elsewhere
// tab-separated full values under a header line.

namespace ao::cli {

struct Column {
  std::string name = {};   // "duration_ms": the header in a pipe
  std::string title = {};  // "DURATION"; empty: not shown on a terminal
  bool right = false;      // aligned to the right
  bool flexible = false;   // gives way when the terminal is narrow
  bool optional = false;   // not shown on a terminal when no row has a value ("" or "-")
};

struct Cell {
  std::string full = {};
  std::string shown = {};  // on a terminal; empty: as `full`
  Colour colour = Colour::kNone;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // One cell a column.
  void Add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  size_t size() const { return rows_.size(); }
  // As the terminal or the pipe behind io.out wants it.
  void Print(Io& io) const;
  // RFC 4180 with full values.
  void PrintCsv(std::ostream& out) const;

 private:
  void PrintAligned(Io& io) const;
  void PrintTabs(std::ostream& out) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// For a tab-separated field: backslash, tab and line breaks become \\ \t \n \r.
std::string EscapeTab(std::string_view text);

}  // namespace ao::cli
