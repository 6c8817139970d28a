#pragma once

#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/ids.h"
#include "storage/duckdb/database.h"

// The cells of a row, written and read from left to right. Internal to storage/local;
// single-thread.

namespace ao::storage::local {

// The types of columns.
inline constexpr duckdb_type kText = DUCKDB_TYPE_VARCHAR, kUuid = DUCKDB_TYPE_UUID,
                             kInt = DUCKDB_TYPE_BIGINT, kUint = DUCKDB_TYPE_UBIGINT,
                             kByte = DUCKDB_TYPE_UTINYINT, kWord = DUCKDB_TYPE_UINTEGER,
                             kBool = DUCKDB_TYPE_BOOLEAN, kReal = DUCKDB_TYPE_DOUBLE,
                             kBlob = DUCKDB_TYPE_BLOB, kInt32 = DUCKDB_TYPE_INTEGER;

// `text`, or a copy in `arena` whose invalid bytes are replaced: DuckDB takes only valid UTF-8.
std::string_view Clean(std::string_view text, Arena* arena);

class ItemWriter {
 public:
  ItemWriter(duck::Appender& out, Arena* arena, size_t item)
      : out_(out), arena_(arena), item_(item) {}

  void Text(std::string_view v) { out_.SetItemText(field_++, item_, Clean(v, arena_)); }
  void Int(int64_t v) { out_.SetItem<int64_t>(field_++, item_, v); }
  void Real(double v) { out_.SetItem<double>(field_++, item_, v); }
  void Bool(bool v) { out_.SetItem<uint8_t>(field_++, item_, v ? 1 : 0); }

 private:
  duck::Appender& out_;
  Arena* arena_;
  const size_t item_;
  size_t field_ = 0;
};

class RowWriter {
 public:
  RowWriter(duck::Appender* out, Arena* arena) : out_(*out), arena_(arena) {}

  void Text(std::string_view v) { out_.SetText(column_++, Clean(v, arena_)); }
  // Text that our own encoder made: known to be valid.
  void Json(std::string_view v) { out_.SetText(column_++, v); }
  void Blob(std::string_view v) { out_.SetText(column_++, v); }
  template <typename T>
  void Value(T v) {
    out_.Set<T>(column_++, v);
  }
  void Bool(bool v) { out_.Set<uint8_t>(column_++, v ? 1 : 0); }
  template <typename T>
  void Optional(const std::optional<T>& v) {
    if (v) {
      out_.Set<T>(column_++, *v);
    } else {
      out_.SetNull(column_++);
    }
  }
  void Trace(const TraceId& v) { out_.Set(column_++, duck::UuidOf(v)); }
  void Address(const ContentAddress& v) {
    if (v.empty()) {
      out_.SetNull(column_++);
    } else {
      out_.Set(column_++, duck::UuidOf(v));
    }
  }
  void Refs(std::span<const ContentAddress> refs) {
    Blob({reinterpret_cast<const char*>(refs.data()), refs.size_bytes()});
  }
  // A list of structs; `write` fills one item's fields from left to right.
  template <typename Item>
  void List(const std::vector<Item>& items, void (*write)(const Item&, ItemWriter&)) {
    out_.SetList(column_++, items.size());
    for (size_t i = 0; i < items.size(); ++i) {
      ItemWriter writer(out_, arena_, i);
      write(items[i], writer);
    }
  }
  Status End() { return out_.EndRow(); }

 private:
  duck::Appender& out_;
  Arena* arena_;
  size_t column_ = 0;
};

class ItemReader {
 public:
  ItemReader(const duck::Rows& rows, size_t column, size_t item)
      : rows_(rows), column_(column), item_(item) {}

  std::string String() { return std::string(Text()); }
  std::string_view Text() { return rows_.ItemText(column_, field_++, item_); }
  int64_t Int() { return rows_.Item<int64_t>(column_, field_++, item_); }
  double Real() { return rows_.Item<double>(column_, field_++, item_); }
  bool Bool() { return rows_.Item<uint8_t>(column_, field_++, item_) != 0; }

 private:
  const duck::Rows& rows_;
  const size_t column_, item_;
  size_t field_ = 0;
};

class RowReader {
 public:
  RowReader(const duck::Rows& rows, size_t row, Arena* arena)
      : rows_(rows), row_(row), arena_(arena) {}

  bool HasMore() const { return column_ < rows_.columns(); }
  std::string_view Text() { return arena_->Copy(rows_.Text(column_++, row_)); }
  std::string String() { return std::string(rows_.Text(column_++, row_)); }
  int64_t Int() { return rows_.Int(column_++, row_); }
  uint64_t Uint() { return rows_.Uint(column_++, row_); }
  double Real() { return rows_.Double(column_++, row_); }
  bool Bool() { return rows_.Bool(column_++, row_); }
  uint8_t Byte() { return rows_.Get<uint8_t>(column_++, row_); }
  uint32_t Word() { return rows_.Get<uint32_t>(column_++, row_); }
  int32_t Int32() { return rows_.Get<int32_t>(column_++, row_); }
  template <typename T>
  std::optional<T> Optional() {
    const size_t c = column_++;
    if (rows_.IsNull(c, row_)) return std::nullopt;
    return rows_.Get<T>(c, row_);
  }
  template <typename Item>
  std::vector<Item> List(Item (*read)(ItemReader&)) {
    const auto [first, items] = rows_.ListOf(column_, row_);
    std::vector<Item> list;
    list.reserve(items);
    for (uint64_t i = 0; i < items; ++i) {
      ItemReader reader(rows_, column_, first + i);
      list.push_back(read(reader));
    }
    ++column_;
    return list;
  }
  TraceId Trace() { return rows_.Trace(column_++, row_); }
  ContentAddress Address() { return rows_.Address(column_++, row_); }
  std::span<const ContentAddress> Refs() {
    const std::string_view bytes = rows_.Text(column_++, row_);
    const size_t n = bytes.size() / sizeof(ContentAddress);
    if (n == 0) return {};
    auto* refs = arena_->AllocateArray<ContentAddress>(n);
    std::memcpy(refs, bytes.data(), n * sizeof(ContentAddress));
    return {refs, n};
  }

 private:
  const duck::Rows& rows_;
  size_t row_;
  Arena* arena_;
  size_t column_ = 0;
};

}  // namespace ao::storage::local
