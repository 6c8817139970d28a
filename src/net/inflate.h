#pragma once

#include <memory>
#include <string_view>

#include "base/memory_budget.h"
#include "base/status.h"
#include "net/body_buffer.h"

// Undoes a content-encoding piece by piece, so that limits hold while inflating and a bomb costs
// no more than the limit. Single-thread.

namespace ao::net {

enum class ContentEncoding { kIdentity, kGzip, kDeflate, kZstd };

// Of a Content-Encoding header; absent or empty is identity. invalid_argument when it is unknown
// or names more than one encoding.
Result<ContentEncoding> ParseContentEncoding(std::string_view value);

class Inflater {
 public:
  // Null for identity. `state` is charged with the decoder's own memory.
  static std::unique_ptr<Inflater> Create(ContentEncoding encoding, MemoryBudget::Lease state);

  virtual ~Inflater() = default;
  // invalid_argument when the data are corrupt, and what BodyBuffer::Append says.
  virtual Status Feed(std::string_view input, BodyBuffer* out) = 0;
  // invalid_argument when the data stop in the middle. No data at all is an empty body.
  virtual Status Finish() = 0;
};

}  // namespace ao::net
