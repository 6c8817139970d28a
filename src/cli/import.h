#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/api_client.h"

// Internal to cli: sends OTLP JSON lines in batches, waiting while the server is busy. Used by
// import and send.

namespace ao::cli {

struct ImportReport {
  int64_t accepted_requests = 0;
  uint64_t accepted_bytes = 0;
  int64_t rejected_records = 0;  // by partial success
  int64_t refused_requests = 0;  // as a whole
  int64_t bad_lines = 0;         // not OTLP JSON
  std::string first_problem;     // "file:line: why"
};

class OtlpSender {
 public:
  OtlpSender(ApiClient& api, Io& io) : api_(api), io_(io) {}
  // Takes one line; `where` names it in problems. The error, if any, ends the import.
  Status AddLine(std::string_view line, const std::string& where);
  Status Flush();
  const ImportReport& report() const { return report_; }

 private:
  Status Account(const ClientResponse& response, size_t bytes);

  ApiClient& api_;
  Io& io_;
  std::string signal_, items_, first_line_;
  ImportReport report_;
};

// "-" is standard input.
Status SendFiles(const std::vector<std::string>& files, Io& io, OtlpSender* sender);
// Prints the report and returns the exit code.
int ReportImport(const Status& status, const ImportReport& report, std::string_view verb,
                 bool as_json, Io& io);

}  // namespace ao::cli
