#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "base/file.h"
#include "storage/wal/wal.h"

// Durable appends into a scratch directory: groups of 1 MiB, and single small frames.

namespace ao::storage {
namespace {

int Measure(const std::string& directory, const char* name, size_t frame_bytes, size_t per_group,
            int groups) {
  auto opened = Wal::Open(PosixFileSystem(), directory, {}, 1,
                          [](Lsn, std::string_view) { return OkStatus(); });
  if (!opened.ok()) {
    std::fprintf(stderr, "%s\n", opened.status().message().c_str());
    return 1;
  }
  Wal& wal = **opened;
  const std::string payload(frame_bytes, 'p');
  const std::string_view part = payload;
  const std::vector<std::span<const std::string_view>> frames(per_group, {&part, 1});
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < groups; ++i) {
    if (!wal.Append(frames).ok() || !wal.Sync().ok()) return 1;
    if (i % 64 == 63 && !wal.TruncateBefore(wal.next()).ok()) return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double bytes = static_cast<double>(frame_bytes * per_group) * groups;
  std::printf("%-24s %9.0f frames/s %9.0f syncs/s %8.1f MB/s\n", name,
              static_cast<double>(per_group) * groups / took.count(), groups / took.count(),
              bytes / took.count() / 1e6);
  return 0;
}

int Run(const std::string& directory) {
  return Measure(directory + "/groups", "1 MiB groups of 16 KiB", 16 << 10, 64, 1000) +
         Measure(directory + "/small", "single 500 B frames", 500, 1, 5000) +
         Measure(directory + "/large", "single 20 MiB frames", 20 << 20, 1, 50);
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
