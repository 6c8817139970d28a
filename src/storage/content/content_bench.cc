#include <algorithm>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/json_writer.h"
#include "storage/content/content_format.h"
#include "storage/content/content_store.h"

// How fast texts are cut, put, sealed and read, and how much smaller a simulated fleet of agents
// is stored: each run calls its model 30 times with a system prompt of 6 KB, 9 KB of tool
// definitions and a list of messages that grows by two a call. Runs are interleaved as they would
// arrive. Text is made from a grammar with a skewed vocabulary, so that it compresses like prose.

namespace ao::storage {
namespace {

constexpr uint64_t kSeed = 0x1234'5678;
constexpr Nanos kTime = 20'000 * kDay;

// Processor time, so that a busy machine does not blur the figures.
class Stopwatch {
 public:
  double Seconds() const {
    return static_cast<double>(std::clock() - start_) / static_cast<double>(CLOCKS_PER_SEC);
  }

 private:
  std::clock_t start_ = std::clock();
};

class Writer {
 public:
  explicit Writer(uint64_t seed) : random_(seed) {
    const char* const parts[] = {"con", "re", "ta",  "mi", "ser", "vi", "ent", "or",  "pa",  "lo",
                                 "gra", "du", "sel", "ex", "ti",  "on", "al",  "ing", "der", "ma"};
    std::mt19937_64 words(7);
    for (int i = 0; i < 6000; ++i) {
      std::string word;
      for (uint64_t n = 1 + words() % 3; n > 0; --n) word += parts[words() % std::size(parts)];
      vocabulary_.push_back(word);
    }
  }

  std::string Prose(size_t size) {
    std::string text;
    while (text.size() < size) {
      const uint64_t length = 5 + random_() % 14;
      for (uint64_t i = 0; i < length; ++i) text += (i > 0 ? " " : "") + Word();
      text += random_() % 5 == 0 ? ".\n\n" : ". ";
    }
    return text;
  }
  // Lines as a tool would print them: paths, numbers, identifiers.
  std::string ToolOutput(size_t size) {
    std::string text;
    while (text.size() < size) {
      text += "src/" + Word() + "/" + Word() + ".cc:" + std::to_string(random_() % 2000) + ":  " +
              Word() + "_" + Word() + "(" + Word() + ", \"" + Word() + " " + Word() + "\");\n";
      if (random_() % 3 == 0) text += "// " + Prose(60) + "\n";
    }
    return text;
  }
  std::string Tools(size_t size) {
    JsonWriter json;
    json.BeginArray();
    while (json.size() < size) {
      json.BeginObject().Field("type", "function").Key("function").BeginObject();
      json.Field("name", Word() + "_" + Word()).Field("description", Prose(200));
      json.Key("parameters").BeginObject().Field("type", "object").Key("properties").BeginObject();
      for (int i = 0; i < 4; ++i) {
        json.Key(Word()).BeginObject().Field("type", "string").Field("description", Prose(60));
        json.EndObject();
      }
      json.EndObject().EndObject().EndObject().EndObject();
    }
    return json.EndArray().Take();
  }
  uint64_t Below(uint64_t limit) { return random_() % limit; }

 private:
  const std::string& Word() {
    const double u = static_cast<double>(random_() >> 11) * 0x1p-53;
    return vocabulary_[static_cast<size_t>(u * u * u * static_cast<double>(vocabulary_.size()))];
  }

  std::mt19937_64 random_;
  std::vector<std::string> vocabulary_;
};

std::string MessageJson(const char* role, const std::string& content) {
  return JsonWriter()
      .BeginObject()
      .Field("role", role)
      .Field("content", content)
      .EndObject()
      .Take();
}

std::unique_ptr<ContentStore> OpenStore(const std::string& directory) {
  ContentStore::Options options;
  options.hash_seed = kSeed;
  auto store = ContentStore::Open(PosixFileSystem(), directory, options, {});
  if (!store.ok()) std::fprintf(stderr, "%s\n", store.status().message().c_str());
  return store.ok() ? std::move(store).value() : nullptr;
}

struct Agent {
  std::string messages = "[";
  int turn = 0;
};

// Returns the addresses of all inputs.
std::vector<ContentAddress> RunFleet(ContentStore& store, int agents, int turns, uint64_t* raw) {
  Writer writer(1);
  const std::string system = MessageJson("system", writer.Prose(6000));
  const std::string tools = writer.Tools(9000);
  std::vector<Agent> fleet(agents);
  std::vector<ContentAddress> addresses;
  std::vector<ContentPiece> pieces;
  std::vector<std::string> texts;  // of one call
  texts.reserve(3);
  auto put = [&](std::string content) {
    const std::string& text = texts.emplace_back(std::move(content));
    *raw += text.size();
    addresses.push_back(CutIntoPieces(text, kSeed, kTime, &pieces));
  };
  for (int open = agents * turns; open > 0;) {
    // About sixteen runs at a time, each as long as it takes.
    const auto first = std::find_if(fleet.begin(), fleet.end(),
                                    [&](const Agent& agent) { return agent.turn < turns; });
    const auto ahead = static_cast<int64_t>(writer.Below(16));
    const auto drawn = first + std::min<int64_t>(ahead, fleet.end() - first - 1);
    Agent& chosen = drawn->turn < turns ? *drawn : *first;
    if (chosen.turn == 0) chosen.messages += system;
    chosen.messages +=
        "," + MessageJson(chosen.turn == 0 ? "user" : "tool",
                          chosen.turn == 0 ? writer.Prose(600) : writer.ToolOutput(1400));
    pieces.clear();
    texts.clear();
    put(chosen.messages + "]");
    put(tools);
    const std::string answer = MessageJson("assistant", writer.Prose(200 + writer.Below(500)));
    put(answer);
    store.Put("bench", pieces);
    chosen.messages += "," + answer;
    ++chosen.turn;
    --open;
  }
  return addresses;
}

int MeasureFleet(const std::string& directory, int agents, int turns) {
  auto store = OpenStore(directory + "/fleet-" + std::to_string(turns));
  if (store == nullptr) return 1;
  uint64_t raw = 0;
  const auto addresses = RunFleet(*store, agents, turns, &raw);
  const Stopwatch sealing;
  store->Freeze();
  auto files = store->WriteFrozen();
  if (!files.ok()) return 1;
  const double sealed = sealing.Seconds();
  store->Publish(*files);
  const ContentStats stats = store->Stats();
  std::printf(
      "%d agents x %d turns: raw %.1f MB, unique %.1f MB (%.1fx), on disk %.2f MB: %.1fx, "
      "%.0f bytes a call\n",
      agents, turns, static_cast<double>(raw) / 1e6, static_cast<double>(stats.unique_bytes) / 1e6,
      static_cast<double>(raw) / static_cast<double>(stats.unique_bytes),
      static_cast<double>(stats.file_bytes) / 1e6,
      static_cast<double>(raw) / static_cast<double>(stats.file_bytes),
      static_cast<double>(stats.file_bytes) / agents / turns);
  std::printf("  WriteFrozen: %.0f MB/s of unique bytes\n",
              static_cast<double>(stats.unique_bytes) / sealed / 1e6);
  const Stopwatch reading;
  uint64_t bytes = 0;
  constexpr size_t kReads = 2000;
  Writer choice(3);
  for (size_t i = 0; i < kReads; ++i) {
    auto text = store->Read("bench", DayOf(kTime), addresses[choice.Below(addresses.size())]);
    if (!text.ok()) {
      std::fprintf(stderr, "%s\n", text.status().message().c_str());
      return 1;
    }
    bytes += text->size();
  }
  std::printf("  Read from the file: %.0f us a text of %.1f KB on average\n",
              reading.Seconds() / kReads * 1e6, static_cast<double>(bytes) / kReads / 1e3);
  return 0;
}

void MeasureCut(const char* name, const std::string& text) {
  std::vector<ContentPiece> pieces;
  const int rounds = static_cast<int>(400'000'000 / text.size());
  const Stopwatch cutting;
  for (int i = 0; i < rounds; ++i) {
    pieces.clear();
    CutIntoPieces(text, kSeed, kTime, &pieces);
  }
  std::printf("CutIntoPieces, %s (%zu bytes, %zu pieces): %.2f GB/s\n", name, text.size(),
              pieces.size(), static_cast<double>(text.size()) * rounds / cutting.Seconds() / 1e9);
}

int MeasurePut(const std::string& directory, const char* name, const std::string& text) {
  auto store = OpenStore(directory);
  if (store == nullptr) return 1;
  std::vector<ContentPiece> pieces;
  CutIntoPieces(text, kSeed, kTime, &pieces);
  const int rounds = static_cast<int>(2'000'000'000 / text.size());
  store->Put("bench", pieces);
  const Stopwatch putting;
  for (int i = 0; i < rounds; ++i) store->Put("bench", pieces);
  std::printf("Put of known pieces, %s: %.2f GB/s, %.0f ns a piece\n", name,
              static_cast<double>(text.size()) * rounds / putting.Seconds() / 1e9,
              putting.Seconds() * 1e9 / rounds / static_cast<double>(pieces.size()));
  return 0;
}

int Run(const std::string& directory) {
  Writer writer(5);
  std::string prose = "[";
  while (prose.size() < 8000) prose += MessageJson("user", writer.Prose(500)) + ",";
  std::string output = "[";
  while (output.size() < 8000) output += MessageJson("tool", writer.ToolOutput(1400)) + ",";
  const std::string tools = writer.Tools(8000);
  MeasureCut("messages of prose", prose);
  MeasureCut("messages of tool output", output);
  MeasureCut("tool definitions", tools);
  return MeasurePut(directory + "/put-1", "messages of prose", prose) +
         MeasurePut(directory + "/put-2", "tool definitions", tools) +
         MeasureFleet(directory, 200, 10) + MeasureFleet(directory, 100, 30) +
         MeasureFleet(directory, 60, 50);
}

}  // namespace
}  // namespace ao::storage

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s SCRATCH_DIRECTORY\n", argv[0]);
    return 2;
  }
  return ao::storage::Run(argv[1]);
}
