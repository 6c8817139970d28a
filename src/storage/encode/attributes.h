#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "model/value.h"
#include "storage/rows.h"

// Attribute values as JSON that loses nothing, so that SQL can look inside:
//   string "x", int 5, double 5.0 (always with a point or exponent), bool true, empty null,
//   array [..], map {..}; NaN and infinities {"$double":"NaN"}; bytes {"$bytes":"<base64>"};
//   a string that is not valid UTF-8 {"$string":"<base64>"};
//   a long string {"$ref":"<32 hex digits>","$size":12345}, its text in the content store;
//   long bytes {"$ref":..,"$size":..,"$type":"bytes"};
//   a map with a key that begins with '$' or is not valid UTF-8, or with duplicate keys:
//   {"$map":[["key",value],..]}, the keys as strings above.

namespace ao::storage {

class AttributeEncoder {
 public:
  AttributeEncoder(uint64_t content_seed, size_t inline_limit);

  // Long strings are appended to `pieces` and their addresses to `refs`. `partition_time` is the
  // row's. Views stay valid as long as the value's own bytes.
  void Encode(const model::Value& value, Nanos partition_time, std::string* json,
              std::vector<ContentPiece>* pieces, std::vector<ContentAddress>* refs) const;
  void EncodeMap(model::Attributes attributes, Nanos partition_time, std::string* json,
                 std::vector<ContentPiece>* pieces, std::vector<ContentAddress>* refs) const;

 private:
  uint64_t content_seed_;
  size_t inline_limit_;
};

// Fetches the text of a content reference; must not decode JSON itself. Where a null reader is
// passed, referenced strings come out empty.
using ContentReader = std::function<Result<std::string>(ContentAddress)>;

// The inverse: values whose bytes live in `arena`. corruption when `json` is not what the encoder
// writes, or a reference cannot be read.
Result<model::Value> DecodeValue(std::string_view json, const ContentReader& content, Arena* arena);
Result<model::Attributes> DecodeMap(std::string_view json, const ContentReader& content,
                                    Arena* arena);

}  // namespace ao::storage
