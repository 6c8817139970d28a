#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "storage/duckdb/duckdb_c.h"

// Values of the engine's types, and the types of columns. Thread-safe.

namespace ao::storage::duck {

// UUID columns hold trace ids and content addresses; DuckDB keeps them as hugeints whose top bit
// is flipped, so that they sort like their text.
inline duckdb_hugeint UuidOf(uint64_t high, uint64_t low) {
  return {low, static_cast<int64_t>(high ^ (1ull << 63))};
}
inline duckdb_hugeint UuidOf(const TraceId& id) {
  uint64_t high, low;
  std::memcpy(&high, id.bytes.data(), 8);
  std::memcpy(&low, id.bytes.data() + 8, 8);
  return UuidOf(__builtin_bswap64(high), __builtin_bswap64(low));
}
inline duckdb_hugeint UuidOf(const ContentAddress& a) { return UuidOf(a.high, a.low); }
inline ContentAddress AddressOf(const duckdb_hugeint& v) {
  return {static_cast<uint64_t>(v.upper) ^ (1ull << 63), v.lower};
}
inline TraceId TraceIdOf(const duckdb_hugeint& v) {
  const ContentAddress a = AddressOf(v);
  const uint64_t big[2] = {__builtin_bswap64(a.high), __builtin_bswap64(a.low)};
  TraceId id;
  std::memcpy(id.bytes.data(), big, 16);
  return id;
}

inline std::string_view TextOf(const duckdb_string_t& s) {
  const uint32_t length = s.value.inlined.length;
  return {length <= 12 ? s.value.inlined.inlined : s.value.pointer.ptr, length};
}

// A column's type; with fields, it is a list of structs of these.
struct Field {
  const char* name;
  duckdb_type type;
};
struct Type {
  Type(duckdb_type plain) : type(plain) {}  // NOLINT(google-explicit-constructor)
  Type(std::span<const Field> of) : type(DUCKDB_TYPE_LIST), fields(of) {}  // NOLINT
  duckdb_type type;
  std::span<const Field> fields;  // not owned
};
// As it stands in CREATE TABLE and in a cast.
std::string TypeSql(const Type& type);

}  // namespace ao::storage::duck
