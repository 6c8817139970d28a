#include "random.h"

#include <sys/random.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <chrono>

namespace observatory::detail {
namespace {

std::atomic<uint32_t> fork_generation{1};

// xoshiro256++ by Blackman and Vigna.
struct Generator {
  uint64_t state[4];
  uint32_t generation;  // 0: not seeded

  void Seed() noexcept {
    if (getrandom(state, sizeof(state), GRND_NONBLOCK) != sizeof(state)) {
      const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
      uint64_t mix = static_cast<uint64_t>(now) ^ reinterpret_cast<uintptr_t>(this) ^
                     static_cast<uint64_t>(getpid()) << 32;
      for (uint64_t& word : state) {  // splitmix64
        mix += 0x9E3779B97F4A7C15u;
        word = (mix ^ (mix >> 30)) * 0xBF58476D1CE4E5B9u;
        word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
      }
    }
    if ((state[0] | state[1] | state[2] | state[3]) == 0) state[0] = 1;
    generation = fork_generation.load(std::memory_order_relaxed);
  }

  uint64_t Next() noexcept {
    const uint64_t result = std::rotl(state[0] + state[3], 23) + state[0];
    const uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = std::rotl(state[3], 45);
    return result;
  }
};

constinit thread_local Generator generator{};

Generator& Mine() noexcept {
  Generator& mine = generator;
  if (mine.generation != fork_generation.load(std::memory_order_relaxed)) [[unlikely]] mine.Seed();
  return mine;
}

}  // namespace

uint64_t RandomBits() noexcept { return Mine().Next(); }

TraceId NewTraceId() noexcept {
  Generator& mine = Mine();
  TraceId id{mine.Next(), mine.Next()};
  if (!id.valid()) id.low = 1;
  return id;
}

SpanId NewSpanId() noexcept {
  const uint64_t bits = Mine().Next();
  return SpanId{bits != 0 ? bits : 1};
}

void ReseedAfterFork() noexcept { fork_generation.fetch_add(1, std::memory_order_relaxed); }

}  // namespace observatory::detail
