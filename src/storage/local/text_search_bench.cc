#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>

#include "storage/local/store_fixture.h"

// How fast whole texts are searched: LLM spans with a prompt of 2 KB and an answer of 600 bytes
// each, all different, of words as frequent as in prose (30,000 of them, Zipf), sealed every
// 200,000 spans. Processor time (of all threads) stands beside the time that passed, because it
// does not depend on what else the machine does. `ao_storage_local_bench [spans] [seconds a search
// may take]`.

namespace ao::storage {
namespace {

class Bench : public StoreTest {
 public:
  void TestBody() override {}

  void Run(uint64_t count, Nanos limit) {
    SetUp();
    const Nanos begin = SystemClock().Monotonic();
    Fill(count);
    const StoreStats stats = store_->Stats();
    std::printf(
        "%llu spans in %.0f s (cpu %.0f s), texts %.0f MB, content files %.1f MB, segments %.1f "
        "MB\n",
        static_cast<unsigned long long>(count), SecondsSince(begin), CpuSeconds(),
        static_cast<double>(text_bytes_) / 1e6, static_cast<double>(stats.content_bytes) / 1e6,
        static_cast<double>(stats.segment_bytes) / 1e6);
    const std::string two = words_[150] + " " + words_[2700];
    Search("a word that none has", "zzyzx", limit);
    Search("a phrase that none has", words_[25000] + " " + words_[26000] + " " + words_[27000],
           limit);
    Search("common words that never stand so", words_[40] + " " + words_[41] + " zzyzx", limit);
    Search("an id that one has, in the middle", Id(count / 2), limit);
    Search("the oldest span's id", Id(1), limit);
    Search("two words of some spans", two, limit);
    Search("the most common word", words_[0], limit);
    Search("how a rare word begins", words_[29000] + "*", limit);
    Search("part of a word that none has", "*zyz*", limit);
    Search("short texts' word that none has", "qqq", limit);
  }

 private:
  static double CpuSeconds() {
    return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
  }
  static double SecondsSince(Nanos begin) {
    return static_cast<double>(SystemClock().Monotonic() - begin) / 1e9;
  }
  static std::string Id(uint64_t n) { return "req_" + std::to_string(n * 0x9E3779B97F4A7C15ULL); }

  void MakeWords() {
    constexpr const char* kParts[] = {"con", "re", "ta", "mi",  "ser", "vi",  "ent",
                                      "or",  "pa", "lo", "gra", "du",  "sel", "ex",
                                      "ti",  "on", "al", "in",  "de",  "ma"};
    for (uint64_t i = 0; i < 30'000; ++i) {
      std::string word;
      for (uint64_t n = i + 1; n > 0; n /= 20) word += kParts[n % 20];
      words_.push_back(word);
      // Zipf: the n-th word 1/n as often as the first.
      sums_.push_back((i == 0 ? 0 : sums_.back()) + 1 / static_cast<double>(i + 2));
    }
  }
  std::string Prose(size_t bytes) {
    std::string text = R"([{"role":"user","content":")";
    std::uniform_real_distribution<double> draw(0, sums_.back());
    while (text.size() < bytes) {
      const auto at = std::lower_bound(sums_.begin(), sums_.end(), draw(random_));
      text += words_[static_cast<size_t>(at - sums_.begin())];
      text += random_() % 12 == 0 ? R"(.\n)" : " ";
    }
    return text;
  }
  void Fill(uint64_t count) {
    MakeWords();
    constexpr uint64_t kBatch = 500;
    for (uint64_t i = 0; i < count; i += kBatch) {
      std::vector<TestSpan> spans;
      for (uint64_t k = i + 1; k <= i + kBatch; ++k) {
        spans.push_back({.trace = k / 10,
                         .span = k,
                         .start = kNoon + static_cast<Nanos>(k) * kMillisecond,
                         .name = "chat gpt-4o",
                         .attributes = {{"gen_ai.operation.name", "chat"},
                                        {"gen_ai.request.model", "gpt-4o-2024-08-06"},
                                        {"gen_ai.provider.name", "openai"},
                                        {"gen_ai.response.finish_reasons", "[\"stop\"]"},
                                        {"gen_ai.response.id", "chatcmpl-" + std::to_string(k)},
                                        {"gen_ai.conversation.id", std::to_string(k / 100)},
                                        {"note", "a short text " + words_[k % 20'000]},
                                        {"gen_ai.input.messages", Prose(2000) + Id(k) + "\"}]"},
                                        {"gen_ai.output.messages", Prose(600) + "\"}]"}}});
        for (const auto& [key, value] : spans.back().attributes) text_bytes_ += value.size();
      }
      Put(spans);
      if ((i + kBatch) % 200'000 == 0) (void)store_->Seal();
    }
    (void)store_->Seal();
  }
  void Search(const char* what, const std::string& text, Nanos limit) {
    for (int round = 0; round < 2; ++round) {
      const Nanos begin = SystemClock().Monotonic();
      const double cpu = CpuSeconds();
      const auto page = store_->SearchText({.project = "p", .text = text, .time_limit = limit});
      const double seconds = SecondsSince(begin);
      const double cpu_seconds = CpuSeconds() - cpu;
      if (!page.ok()) {
        std::printf("%s: %s\n", what, page.status().ToString().c_str());
        return;
      }
      std::printf("%-34s %8.3f s, cpu %8.3f s, %8lld spans, %2zu matches%s\n", what, seconds,
                  cpu_seconds, static_cast<long long>(page->scanned_spans), page->matches.size(),
                  page->complete ? "" : ", not to the end");
      std::fflush(stdout);
    }
  }

  std::mt19937_64 random_{1};
  std::vector<std::string> words_;
  std::vector<double> sums_;
  uint64_t text_bytes_ = 0;
};

}  // namespace
}  // namespace ao::storage

int main(int argc, char** argv) {
  const auto number = [&](int i, uint64_t otherwise) {
    return argc > i ? std::strtoull(argv[i], nullptr, 10) : otherwise;
  };
  ao::storage::Bench().Run(number(1, 100'000),
                           static_cast<ao::Nanos>(number(2, 600)) * ao::kSecond);
  return 0;
}
