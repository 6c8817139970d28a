#include "net/body_buffer.h"

#include <algorithm>

#include <fmt/format.h>

namespace ao::net {
namespace {

// A declared length is believed up to here; beyond it memory is taken as bytes arrive.
constexpr size_t kTrusted = 1 << 20;
constexpr size_t kSmallest = 512;

}  // namespace

Status BodyBuffer::Append(std::string_view bytes) {
  if (bytes.size() > limit_ - body_.size()) {
    return ResourceExhausted(
        fmt::format("cannot accept the body: it is larger than {} bytes", limit_),
        "send smaller batches, or raise the body limit of the server");
  }
  const size_t need = body_.size() + bytes.size();
  if (need > charged_) AO_TRY(Reserve(need));
  body_.append(bytes);
  return {};
}

Status BodyBuffer::Reserve(size_t need) {
  size_t want = std::max({need, kSmallest, std::min(charged_ * 2, limit_)});
  if (expected_ > need) want = std::max(need, std::min(expected_, std::max(kTrusted, want * 2)));
  if (expected_ == need) want = need;
  if (!lease_.Grow(want - charged_)) {
    want = need;
    if (!lease_.Grow(want - charged_)) {
      return Unavailable("cannot accept the body: the memory budget is exhausted", "try again");
    }
  }
  charged_ = want;
  // A fresh string, because growing one in place may allocate more than was asked for.
  std::string larger;
  larger.reserve(want);
  larger.append(body_);
  body_ = std::move(larger);
  return {};
}

}  // namespace ao::net
