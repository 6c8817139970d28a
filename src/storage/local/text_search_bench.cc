#include <cstdio>
#include <cstdlib>
#include <random>

#include "storage/local/store_fixture.h"

// How fast whole texts are searched: spans with a prompt of 2 KB each and an answer of 600 bytes,
// sealed, a text that none has. `ao_storage_local_bench [spans]`.

namespace ao::storage {
namespace {

class Bench : public StoreTest {
 public:
  void TestBody() override {}
  void Run(uint64_t count) {
    SetUp();
    std::mt19937_64 random(1);
    const auto words = [&](size_t bytes) {
      std::string text = R"([{"role":"user","content":")";
      while (text.size() < bytes) {
        text.append(std::to_string(random() % 5000)).append("word ");
      }
      return text + "\"}]";
    };
    constexpr uint64_t kBatch = 500;
    for (uint64_t i = 0; i < count; i += kBatch) {
      std::vector<TestSpan> spans;
      for (uint64_t k = i + 1; k <= i + kBatch; ++k) {
        spans.push_back({.trace = k / 10,
                         .span = k,
                         .start = kNoon + static_cast<Nanos>(k) * kMillisecond,
                         .attributes = {{"gen_ai.operation.name", "chat"},
                                        {"gen_ai.input.messages", words(2000)},
                                        {"gen_ai.output.messages", words(600)}}});
      }
      Put(spans);
    }
    (void)store_->Seal();
    const StoreStats stats = store_->Stats();
    for (const char* text : {"no such words", "4711word 12word"}) {
      const Nanos begin = SystemClock().Monotonic();
      const auto page = store_->SearchText({.project = "p", .text = text, .time_limit = kHour});
      const double seconds = static_cast<double>(SystemClock().Monotonic() - begin) / 1e9;
      std::printf("\"%s\": %lld spans, %zu matches, %.2f s, %.0f spans/s, content %.1f MB\n", text,
                  static_cast<long long>(page->scanned_spans), page->matches.size(), seconds,
                  static_cast<double>(page->scanned_spans) / seconds,
                  static_cast<double>(stats.content_bytes) / 1e6);
    }
  }
};

}  // namespace
}  // namespace ao::storage

int main(int argc, char** argv) {
  ao::storage::Bench().Run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000);
  return 0;
}
