#pragma once

#include <span>
#include <string>
#include <vector>

#include "storage/content/file_reader.h"
#include "storage/content/file_writer.h"

// Whole-file work on closed content files. Internal to content/.

namespace ao::storage {

// Writes what can be reached from `live` in `files` (all of one partition) into one file at
// `path`; no file when nothing is. Live addresses that no file holds are ignored. Needs about 40
// bytes of memory for each record of the files.
Result<std::vector<ContentFile>> RewriteFiles(FileSystem& fs, const std::string& directory,
                                              const PartitionKey& partition, const Readers& files,
                                              std::span<const ContentAddress> live,
                                              const std::string& path,
                                              const ContentStore::Options& options);

// Checks every byte, record and reference of the files of one partition against checksums and
// addresses; `report` gets one line per problem.
void VerifyFiles(const Readers& files, uint64_t seed,
                 const std::function<void(std::string)>& report);

}  // namespace ao::storage
