#include "net/inflate.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "net/ascii.h"

namespace ao::net {
namespace {

constexpr size_t kScratch = 64 * 1024;
// 8 MiB, the largest window that RFC 9659 allows for content-encoding zstd.
constexpr int kMaxZstdWindowLog = 23;
// What zlib needs for a window of 32 KiB, with its tables.
constexpr size_t kZlibState = 48 * 1024;

char* Scratch() {
  static thread_local std::array<char, kScratch> scratch;
  return scratch.data();
}

Status Corrupt(std::string_view encoding, std::string_view why) {
  return InvalidArgument(fmt::format("cannot inflate the {} body: {}", encoding, why));
}

Status NoMemory() {
  return Unavailable("cannot inflate the body: the memory budget is exhausted", "try again");
}

class ZlibInflater final : public Inflater {
 public:
  ZlibInflater(bool gzip, MemoryBudget::Lease state) : gzip_(gzip), state_(std::move(state)) {}
  ~ZlibInflater() override {
    if (ready_) inflateEnd(&z_);
  }
  ZlibInflater(const ZlibInflater&) = delete;
  ZlibInflater& operator=(const ZlibInflater&) = delete;

  Status Feed(std::string_view input, BodyBuffer* out) override {
    if (input.empty()) return {};
    if (ready_) return Run(input, out);
    if (gzip_) {
      AO_TRY(Open(15 + 16));
      return Run(input, out);
    }
    // "deflate" is zlib-wrapped by the standard and raw by custom: the first two bytes tell.
    while (first_.size() < 2 && !input.empty()) {
      first_.push_back(input.front());
      input.remove_prefix(1);
    }
    if (first_.size() < 2) return {};
    const unsigned cmf = static_cast<unsigned char>(first_[0]);
    const unsigned flg = static_cast<unsigned char>(first_[1]);
    const bool wrapped = (cmf & 0x0f) == 8 && (cmf >> 4) <= 7 && (cmf * 256 + flg) % 31 == 0;
    AO_TRY(Open(wrapped ? 15 : -15));
    AO_TRY(Run(first_, out));
    return input.empty() ? Status() : Run(input, out);
  }

  Status Finish() override {
    if (ready_ ? !ended_ : !first_.empty()) return Corrupt(name(), "the data are cut off");
    return {};
  }

 private:
  std::string_view name() const { return gzip_ ? "gzip" : "deflate"; }

  Status Open(int window_bits) {
    if (!state_.Grow(kZlibState)) return NoMemory();
    if (inflateInit2(&z_, window_bits) != Z_OK) return Internal("cannot start zlib");
    ready_ = true;
    return {};
  }

  Status Run(std::string_view input, BodyBuffer* out) {
    z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    z_.avail_in = static_cast<uInt>(input.size());
    while (true) {
      if (ended_) {
        if (z_.avail_in == 0) return {};
        if (!gzip_) return Corrupt(name(), "there is data after its end");
        if (inflateReset(&z_) != Z_OK) return Internal("cannot restart zlib");
        ended_ = false;
      }
      z_.next_out = reinterpret_cast<Bytef*>(Scratch());
      z_.avail_out = kScratch;
      const int code = inflate(&z_, Z_NO_FLUSH);
      AO_TRY(out->Append({Scratch(), kScratch - z_.avail_out}));
      if (code == Z_STREAM_END) {
        ended_ = true;
      } else if (code == Z_BUF_ERROR || (code == Z_OK && z_.avail_in == 0 && z_.avail_out > 0)) {
        return {};  // wants more input
      } else if (code != Z_OK) {
        return Corrupt(name(), z_.msg != nullptr ? z_.msg : "the data are corrupt");
      }
    }
  }

  const bool gzip_;
  MemoryBudget::Lease state_;
  z_stream z_ = {};
  bool ready_ = false;
  bool ended_ = false;
  std::string first_;  // of deflate, until its kind is known
};

class ZstdInflater final : public Inflater {
 public:
  explicit ZstdInflater(MemoryBudget::Lease state)
      : state_(std::move(state)), z_(ZSTD_createDCtx(), &ZSTD_freeDCtx) {
    ZSTD_DCtx_setParameter(z_.get(), ZSTD_d_windowLogMax, kMaxZstdWindowLog);
  }

  Status Feed(std::string_view input, BodyBuffer* out) override {
    ZSTD_inBuffer in = {input.data(), input.size(), 0};
    while (in.pos < in.size || more_output_) {
      ZSTD_outBuffer buffer = {Scratch(), kScratch, 0};
      const size_t code = ZSTD_decompressStream(z_.get(), &buffer, &in);
      if (ZSTD_isError(code) != 0) return Corrupt("zstd", ZSTD_getErrorName(code));
      AO_TRY(Charge());
      AO_TRY(out->Append({Scratch(), buffer.pos}));
      inside_ = code != 0;
      more_output_ = inside_ && buffer.pos == kScratch;
    }
    return {};
  }

  Status Finish() override { return inside_ ? Corrupt("zstd", "the data are cut off") : Status(); }

 private:
  Status Charge() {
    const size_t held = ZSTD_sizeof_DCtx(z_.get());
    if (held > state_.bytes() && !state_.Grow(held - state_.bytes())) return NoMemory();
    return {};
  }

  MemoryBudget::Lease state_;
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> z_;
  bool inside_ = false;       // a frame is open
  bool more_output_ = false;  // the decoder may hold output that did not fit
};

}  // namespace

Result<ContentEncoding> ParseContentEncoding(std::string_view value) {
  const std::string_view name = Trim(value);
  if (name.empty() || EqualsIgnoreCase(name, "identity")) return ContentEncoding::kIdentity;
  if (EqualsIgnoreCase(name, "gzip") || EqualsIgnoreCase(name, "x-gzip")) {
    return ContentEncoding::kGzip;
  }
  if (EqualsIgnoreCase(name, "zstd")) return ContentEncoding::kZstd;
  if (EqualsIgnoreCase(name, "deflate") || EqualsIgnoreCase(name, "zlib")) {
    return ContentEncoding::kDeflate;
  }
  return InvalidArgument(
      fmt::format("cannot read the body: unknown content-encoding \"{}\"", name.substr(0, 64)),
      "use gzip, zstd, deflate or identity");
}

std::unique_ptr<Inflater> Inflater::Create(ContentEncoding encoding, MemoryBudget::Lease state) {
  switch (encoding) {
    case ContentEncoding::kIdentity: return nullptr;
    case ContentEncoding::kGzip: return std::make_unique<ZlibInflater>(true, std::move(state));
    case ContentEncoding::kDeflate: return std::make_unique<ZlibInflater>(false, std::move(state));
    case ContentEncoding::kZstd: return std::make_unique<ZstdInflater>(std::move(state));
  }
  return nullptr;
}

}  // namespace ao::net
