#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "storage/duckdb/types.h"

// A thin owner-shaped layer over DuckDB's C API: handles that free themselves, errors as Status,
// results read chunk by chunk. A Database is thread-safe; a Connection, and what was made from
// it, is used by one thread at a time (Interrupt excepted).

namespace ao::storage::duck {

class Connection;

class Database {
 public:
  // An in-memory database with these settings.
  static Result<std::unique_ptr<Database>> OpenInMemory(
      const std::vector<std::pair<std::string, std::string>>& settings);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<std::unique_ptr<Connection>> Connect();

 private:
  explicit Database(duckdb_database handle) : handle_(handle) {}
  duckdb_database handle_;
};

using Parameter = std::variant<int64_t, uint64_t, double, std::string>;

// SQL text that collects its parameters: sql.Add(" AND name = ").Bind(name).
struct Sql {
  std::string text;
  std::vector<Parameter> parameters;

  Sql() = default;
  explicit Sql(std::string initial) : text(std::move(initial)) {}
  Sql& Add(std::string_view part) {
    text.append(part);
    return *this;
  }
  Sql& Bind(Parameter value) {
    parameters.push_back(std::move(value));
    text.append("$").append(std::to_string(parameters.size()));
    return *this;
  }
};

// A result, read forward: while (*r->Next()) for rows 0..size()-1 of the current chunk.
// Cell accessors require a column of the matching type; NULL reads as zero or empty. The items of a
// list of structs are numbered over the whole chunk: ListOf says which are a row's.
class Rows {
 public:
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  // The next chunk; false at the end.
  Result<bool> Next();
  size_t size() const { return size_; }
  size_t columns() const { return columns_.size(); }
  std::string ColumnName(size_t column);
  duckdb_type ColumnType(size_t column);

  bool IsNull(size_t column, size_t row) const { return !IsValid(columns_[column].validity, row); }
  template <typename T>
  T Get(size_t column, size_t row) const {
    return IsNull(column, row) ? T{} : static_cast<const T*>(columns_[column].data)[row];
  }
  bool Bool(size_t c, size_t r) const { return Get<uint8_t>(c, r) != 0; }
  int64_t Int(size_t c, size_t r) const { return Get<int64_t>(c, r); }
  uint64_t Uint(size_t c, size_t r) const { return Get<uint64_t>(c, r); }
  double Double(size_t c, size_t r) const { return Get<double>(c, r); }
  // Valid until the next Next.
  std::string_view Text(size_t c, size_t r) const {
    if (IsNull(c, r)) return {};
    return TextOf(static_cast<const duckdb_string_t*>(columns_[c].data)[r]);
  }
  TraceId Trace(size_t c, size_t r) const {
    return IsNull(c, r) ? TraceId{} : TraceIdOf(Get<duckdb_hugeint>(c, r));
  }
  ContentAddress Address(size_t c, size_t r) const {
    return IsNull(c, r) ? ContentAddress{} : AddressOf(Get<duckdb_hugeint>(c, r));
  }
  duckdb_list_entry ListOf(size_t c, size_t r) const { return Get<duckdb_list_entry>(c, r); }
  template <typename T>
  T Item(size_t c, size_t field, size_t item) const {
    const Column& column = columns_[c].fields[field];
    return IsValid(column.validity, item) ? static_cast<const T*>(column.data)[item] : T{};
  }
  std::string_view ItemText(size_t c, size_t field, size_t item) const {
    const Column& column = columns_[c].fields[field];
    if (!IsValid(column.validity, item)) return {};
    return TextOf(static_cast<const duckdb_string_t*>(column.data)[item]);
  }

 private:
  friend class Connection;
  struct Column {
    const void* data = nullptr;
    const uint64_t* validity = nullptr;
    std::vector<Column> fields;  // of the structs in a list
  };
  static bool IsValid(const uint64_t* validity, size_t row) {
    return validity == nullptr || (validity[row / 64] >> (row % 64) & 1) != 0;
  }
  void CountFields();
  Rows() = default;

  duckdb_prepared_statement statement_ = nullptr;
  duckdb_result result_{};
  duckdb_data_chunk chunk_ = nullptr;
  size_t size_ = 0;
  std::vector<Column> columns_;
};

class Connection {
 public:
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs statements whose result does not matter.
  Status Execute(const std::string& sql);
  // Runs one statement; rows are produced as they are read.
  Result<std::unique_ptr<Rows>> Query(const Sql& sql);
  Result<std::unique_ptr<Rows>> Query(const std::string& sql) { return Query(Sql(sql)); }
  // Runs one statement and calls visit(rows, r) for every row of it. `visit` returns nothing, or a
  // Status of which the first error ends the reading.
  template <typename Visit>
  Status ForEachRow(const Sql& sql, Visit visit);
  template <typename Visit>
  Status ForEachRow(const std::string& sql, Visit visit) {
    return ForEachRow(Sql(sql), std::move(visit));
  }
  // The only value of a one-row, one-column BIGINT result.
  Result<int64_t> QueryInt(const Sql& sql);
  // Makes the statement under way fail. From any thread.
  void Interrupt();
  duckdb_connection handle() { return handle_; }

 private:
  friend class Database;
  explicit Connection(duckdb_connection handle) : handle_(handle) {}
  duckdb_connection handle_;
};

template <typename Visit>
Status Connection::ForEachRow(const Sql& sql, Visit visit) {
  AO_ASSIGN_OR_RETURN(const auto rows, Query(sql));
  for (;;) {
    AO_ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) return OkStatus();
    for (size_t r = 0; r < rows->size(); ++r) {
      if constexpr (std::is_void_v<decltype(visit(*rows, r))>) {
        visit(std::as_const(*rows), r);
      } else {
        AO_TRY(visit(std::as_const(*rows), r));
      }
    }
  }
}

// Appends rows to one table. Texts are not copied until the rows are handed to DuckDB, so their
// bytes must live until Flush returned.
class Appender {
 public:
  static Result<std::unique_ptr<Appender>> Create(Connection& connection, const std::string& table,
                                                  const std::vector<Type>& types);
  ~Appender();
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;

  // The cells of the row that EndRow completes; every column must be set.
  template <typename T>
  void Set(size_t column, T value) {
    static_cast<T*>(data_[column])[rows_] = value;
  }
  void SetNull(size_t column);
  void SetUuid(size_t column, uint64_t high, uint64_t low) { Set(column, UuidOf(high, low)); }
  void SetText(size_t column, std::string_view text) {
    StoreText(text, &static_cast<duckdb_string_t*>(data_[column])[rows_]);
  }
  // The items of the row's list of structs, which SetItem and SetItemText then fill. One list is
  // filled at a time.
  void SetList(size_t column, size_t items);
  template <typename T>
  void SetItem(size_t field, size_t item, T value) {
    static_cast<T*>(item_data_[field])[first_item_ + item] = value;
  }
  void SetItemText(size_t field, size_t item, std::string_view text) {
    StoreText(text, &static_cast<duckdb_string_t*>(item_data_[field])[first_item_ + item]);
  }
  Status EndRow() {
    ++rows_;
    return rows_ == capacity_ ? Push() : OkStatus();
  }
  Status Flush();
  // Drops rows that were not flushed.
  void Clear();

 private:
  Appender() = default;
  static void StoreText(std::string_view text, duckdb_string_t* cell) {
    cell->value.inlined.length = static_cast<uint32_t>(text.size());
    if (text.size() <= 12) {
      std::memset(cell->value.inlined.inlined, 0, 12);
      if (!text.empty()) std::memcpy(cell->value.inlined.inlined, text.data(), text.size());
    } else {
      std::memcpy(cell->value.pointer.prefix, text.data(), 4);
      cell->value.pointer.ptr = text.data();
    }
  }
  Status Push();
  void Rewind();

  duckdb_appender handle_ = nullptr;
  duckdb_data_chunk chunk_ = nullptr;
  std::vector<void*> data_;
  std::vector<uint64_t*> validity_;
  std::vector<Type> types_;
  std::vector<size_t> items_;     // of all rows, for each list column
  std::vector<void*> item_data_;  // of the list being filled, for each field
  size_t first_item_ = 0;
  size_t rows_ = 0;
  size_t capacity_ = 0;
  std::string table_;
};

// `text` as an SQL string literal.
std::string Quote(std::string_view text);

}  // namespace ao::storage::duck
