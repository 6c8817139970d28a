#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/format.h"
#include "cli/import.h"
#include "cli/interrupt.h"
#include "cli/progress.h"

namespace ao::cli {
namespace {

constexpr size_t kMaxBatchBytes = 8u << 20;  // well below what a receiver may refuse
constexpr int kMaxTries = 12;
constexpr Nanos kFirstPause = kSecond / 4;
constexpr Nanos kLongestPause = 30 * kSecond;

bool IsRetryable(int http) { return http == 429 || http == 502 || http == 503 || http == 504; }

Nanos PauseOf(const ClientResponse& response, int attempt) {
  int seconds = -1;
  const std::string_view text = response.header("retry-after");
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (seconds >= 0) return std::clamp<Nanos>(seconds * kSecond, kFirstPause, kLongestPause);
  return std::min<Nanos>(kFirstPause << std::min(attempt, 20), kLongestPause);
}

int64_t RejectedOf(const Json& answer) {
  const Json& partial = answer["partialSuccess"];
  return partial["rejectedSpans"].integer() + partial["rejectedLogRecords"].integer() +
         partial["rejectedDataPoints"].integer();
}

}  // namespace

Status OtlpSender::AddLine(std::string_view line, const std::string& where) {
  auto read = ReadOtlpLine(line);
  if (!read.ok()) {
    ++report_.bad_lines;
    if (report_.first_problem.empty()) {
      report_.first_problem = fmt::format("{}: {}", where, read.status().message());
    }
    return OkStatus();
  }
  if (read->items.find_first_not_of(" \t\r\n") == std::string::npos) return OkStatus();
  const bool full = items_.size() + read->items.size() > kMaxBatchBytes;
  if (!items_.empty() && (full || read->signal != signal_)) AO_TRY(Flush());
  if (items_.empty()) first_line_ = where;
  signal_ = read->signal;
  if (!items_.empty()) items_.push_back(',');
  items_ += read->items;
  return OkStatus();
}

Status OtlpSender::Flush() {
  if (items_.empty()) return OkStatus();
  const std::string body = WrapOtlp(signal_, items_);
  items_.clear();
  for (int attempt = 0;; ++attempt) {
    const auto response = api_.PostRaw("/v1/" + signal_, body);
    if (!response.ok()) return response.status();
    if (IsRetryable(response->status) && attempt + 1 < kMaxTries) {
      if (!io_.sleep(PauseOf(*response, attempt))) return {StatusCode::kCancelled, "interrupted"};
      continue;
    }
    return Account(*response, body.size());
  }
}

Status OtlpSender::Account(const ClientResponse& response, size_t bytes) {
  const Status status = StatusOfResponse(response);
  if (status.ok()) {
    ++report_.accepted_requests;
    report_.accepted_bytes += bytes;
    const auto answer = Json::Parse(response.body);
    const int64_t rejected = answer.ok() ? RejectedOf(*answer) : 0;
    report_.rejected_records += rejected;
    if (rejected > 0 && report_.first_problem.empty()) {
      report_.first_problem =
          fmt::format("{}: {}", first_line_, (*answer)["partialSuccess"]["errorMessage"].text());
    }
    return OkStatus();
  }
  // Bad data is noted and skipped; anything else concerns the rest as well.
  if (status.code() != StatusCode::kInvalidArgument) return status;
  ++report_.refused_requests;
  if (report_.first_problem.empty()) {
    report_.first_problem = fmt::format("{}: {}", first_line_, status.message());
  }
  return OkStatus();
}

namespace {

// Feeds a stream to the sender line by line. A file that is one JSON document over many lines is
// taken as a whole.
Status SendStream(std::istream& in, const std::string& name, OtlpSender* sender,
                  const std::function<bool(size_t)>& on_bytes) {
  std::string line;
  int64_t number = 0;
  while (std::getline(in, line)) {
    ++number;
    if (!on_bytes(line.size() + 1)) return {StatusCode::kCancelled, "interrupted"};
    const size_t last = line.find_last_not_of(" \t\r");
    if (last == std::string::npos) continue;
    if (number == 1 && (line[last] == '{' || line[last] == '[')) {
      line.append(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    AO_TRY(sender->AddLine(line, fmt::format("{}:{}", name, number)));
  }
  if (in.bad()) return Internal(fmt::format("cannot read {}", name));
  return OkStatus();
}

Result<std::vector<std::string>> FilesOf(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (path == "-") {
      files.push_back(path);
      continue;
    }
    if (!std::filesystem::exists(path, error)) {
      return NotFound(fmt::format("cannot open {}: no such file or directory", path));
    }
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    const size_t before = files.size();
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
      const std::string extension = entry.path().extension();
      if (extension == ".jsonl" || extension == ".ndjson" || extension == ".json") {
        files.push_back(entry.path());
      }
    }
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
    if (files.size() == before) {
      return NotFound(
          fmt::format("cannot import {}: no .jsonl, .ndjson or .json file in it", path));
    }
  }
  return files;
}

uint64_t SizeOf(const std::vector<std::string>& files) {
  uint64_t total = 0;
  for (const std::string& file : files) {
    std::error_code error;
    const uint64_t size = file == "-" ? 0 : std::filesystem::file_size(file, error);
    if (file == "-" || error) return 0;
    total += size;
  }
  return total;
}

int Import(const Invocation& invocation, Io& io) {
  auto api = ApiClient::From(invocation, io);
  if (!api.ok()) return ReportError(io, api.status());
  const auto files = FilesOf(invocation.Arguments("path"));
  if (!files.ok()) return ReportError(io, files.status());
  CatchInterrupts();
  OtlpSender sender(*api, io);
  const Status status = SendFiles(*files, io, &sender);
  return ReportImport(status, sender.report(), "imported", invocation.On("json"), io);
}

}  // namespace

Status SendFiles(const std::vector<std::string>& files, Io& io, OtlpSender* sender) {
  Progress progress(io, "importing", SizeOf(files));
  uint64_t done = 0;
  const auto on_bytes = [&](size_t bytes) {
    progress.Update(done += bytes);
    return !Interrupted();
  };
  for (const std::string& file : files) {
    if (file == "-") {
      AO_TRY(SendStream(io.in, "stdin", sender, on_bytes));
      continue;
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) return NotFound(fmt::format("cannot open {}", file));
    AO_TRY(SendStream(in, file, sender, on_bytes));
  }
  return sender->Flush();
}

int ReportImport(const Status& status, const ImportReport& report, std::string_view verb,
                 bool as_json, Io& io) {
  const bool partial =
      report.rejected_records > 0 || report.bad_lines > 0 || report.refused_requests > 0;
  if (as_json) {
    JsonWriter json;
    json.BeginObject().Field("requests", report.accepted_requests);
    json.Field("bytes", report.accepted_bytes).Field("rejected_records", report.rejected_records);
    json.Field("bad_lines", report.bad_lines).Field("refused_requests", report.refused_requests);
    json.Field("problem", report.first_problem).EndObject();
    io.out << json.text() << "\n";
  } else {
    io.err << fmt::format("{} {} in {}\n", verb, ShortBytes(report.accepted_bytes),
                          Counted(static_cast<int64_t>(report.accepted_requests), "request"));
  }
  if (partial) {
    io.err << fmt::format("error: {} records rejected, {} requests refused, {} lines not read\n",
                          report.rejected_records, report.refused_requests, report.bad_lines);
    io.err << "first: " << report.first_problem << "\n";
  }
  if (!status.ok()) {
    ReportError(io, status);
    const bool auth = status.code() == StatusCode::kUnauthenticated ||
                      status.code() == StatusCode::kPermissionDenied;
    if (auth) return kExitAuth;
    return report.accepted_requests > 0 ? kExitPartial : kExitFailure;
  }
  if (!partial) return kExitOk;
  return report.accepted_requests > 0 ? kExitPartial : kExitFailure;
}

Command ImportCommand() {
  return {.path = "import",
          .summary = "Read telemetry from OTLP JSON lines",
          .details =
              "Each line is one OTLP/JSON request of any signal, as `observatory export` "
              "and the file exporter of the OpenTelemetry Collector write them. Importing "
              "the same spans twice stores them once. While the server is busy the import "
              "waits; what it refuses is counted and the first reason printed (exit "
              "code 5).",
          .examples = {{"observatory import backup/", "Every .jsonl file of a directory"},
                       {"zcat day.jsonl.gz | observatory import -", "From a pipe"},
                       {"observatory import spans.jsonl --server http://other:4318",
                        "Into another server"}},
          .positionals = {{"path", "Files, directories, or - for standard input", true, true}},
          .run = Import,
          .uses_server = true,
          .group = "Move data"};
}

}  // namespace ao::cli
