#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/inflate.h"

// The first byte chooses the encoding, the second the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using ao::net::ContentEncoding;
  if (size < 2) return 0;
  static constexpr ContentEncoding kEncodings[] = {
      ContentEncoding::kGzip, ContentEncoding::kDeflate, ContentEncoding::kZstd};
  constexpr size_t kLimit = 1 << 20;
  ao::MemoryBudget budget(16 << 20);
  {
    ao::net::BodyBuffer body(budget.NewLease(), kLimit);
    const auto inflater = ao::net::Inflater::Create(kEncodings[data[0] % 3], budget.NewLease());
    const size_t piece = size_t{data[1]} + 1;
    const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
    bool ok = true;
    for (size_t at = 0; ok && at < input.size(); at += piece) {
      ok = inflater->Feed(input.substr(at, piece), &body).ok();
    }
    if (ok) ok = inflater->Finish().ok();
    if (body.text().size() > kLimit) std::abort();
  }
  if (budget.used() != 0) std::abort();
  return 0;
}
