#include "base/status.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/core.h>

namespace ao {
namespace {

struct CodeRow {
  StatusCode code;
  std::string_view name;
  int http;
  int grpc;
  int exit_code;
};

// The one table that maps a code to the outside world.
constexpr std::array kCodes = {
    CodeRow{StatusCode::kOk, "ok", 200, 0, 0},
    CodeRow{StatusCode::kInvalidArgument, "invalid_argument", 400, 3, 2},
    CodeRow{StatusCode::kNotFound, "not_found", 404, 5, 3},
    CodeRow{StatusCode::kAlreadyExists, "already_exists", 409, 6, 1},
    CodeRow{StatusCode::kFailedPrecondition, "failed_precondition", 412, 9, 1},
    CodeRow{StatusCode::kResourceExhausted, "resource_exhausted", 413, 8, 1},
    CodeRow{StatusCode::kUnavailable, "unavailable", 503, 14, 1},
    CodeRow{StatusCode::kDeadlineExceeded, "deadline_exceeded", 504, 4, 1},
    CodeRow{StatusCode::kCorruption, "corruption", 500, 15, 1},
    CodeRow{StatusCode::kPermissionDenied, "permission_denied", 403, 7, 4},
    CodeRow{StatusCode::kUnauthenticated, "unauthenticated", 401, 16, 4},
    CodeRow{StatusCode::kUnimplemented, "unimplemented", 404, 12, 2},
    CodeRow{StatusCode::kCancelled, "cancelled", 499, 1, 2},
    CodeRow{StatusCode::kInternal, "internal", 500, 13, 1},
};

const CodeRow& RowOf(StatusCode code) { return kCodes[static_cast<size_t>(code)]; }

}  // namespace

std::string_view StatusCodeName(StatusCode code) { return RowOf(code).name; }
int HttpStatusOf(StatusCode code) { return RowOf(code).http; }
int GrpcCodeOf(StatusCode code) { return RowOf(code).grpc; }
int ExitCodeOf(StatusCode code) { return RowOf(code).exit_code; }

Status Status::WithContext(std::string_view context) const {
  if (ok()) return *this;
  return {code_, fmt::format("{}: {}", context, message_), hint_};
}

std::string Status::ToString() const {
  if (ok()) return "ok";
  return fmt::format("{}: {}", StatusCodeName(code_), message_);
}

Status InvalidArgument(std::string message, std::string hint) {
  return {StatusCode::kInvalidArgument, std::move(message), std::move(hint)};
}
Status NotFound(std::string message, std::string hint) {
  return {StatusCode::kNotFound, std::move(message), std::move(hint)};
}
Status AlreadyExists(std::string message, std::string hint) {
  return {StatusCode::kAlreadyExists, std::move(message), std::move(hint)};
}
Status FailedPrecondition(std::string message, std::string hint) {
  return {StatusCode::kFailedPrecondition, std::move(message), std::move(hint)};
}
Status ResourceExhausted(std::string message, std::string hint) {
  return {StatusCode::kResourceExhausted, std::move(message), std::move(hint)};
}
Status Unavailable(std::string message, std::string hint) {
  return {StatusCode::kUnavailable, std::move(message), std::move(hint)};
}
Status DeadlineExceeded(std::string message, std::string hint) {
  return {StatusCode::kDeadlineExceeded, std::move(message), std::move(hint)};
}
Status Corruption(std::string message, std::string hint) {
  return {StatusCode::kCorruption, std::move(message), std::move(hint)};
}
Status PermissionDenied(std::string message, std::string hint) {
  return {StatusCode::kPermissionDenied, std::move(message), std::move(hint)};
}
Status Unauthenticated(std::string message, std::string hint) {
  return {StatusCode::kUnauthenticated, std::move(message), std::move(hint)};
}
Status Unimplemented(std::string message, std::string hint) {
  return {StatusCode::kUnimplemented, std::move(message), std::move(hint)};
}
Status Internal(std::string message, std::string hint) {
  return {StatusCode::kInternal, std::move(message), std::move(hint)};
}

Status ErrnoStatus(std::string_view what, int error_number) {
  StatusCode code = StatusCode::kInternal;
  std::string hint;
  switch (error_number) {
    case ENOENT: code = StatusCode::kNotFound; break;
    case EEXIST: code = StatusCode::kAlreadyExists; break;
    case EACCES:
    case EPERM: code = StatusCode::kPermissionDenied; break;
    case ENOSPC:
    case EDQUOT:
      code = StatusCode::kResourceExhausted;
      hint = "free disk space, or lower storage.retention.max_bytes";
      break;
    default: break;
  }
  return {code, fmt::format("cannot {}: {}", what, std::strerror(error_number)), std::move(hint)};
}

}  // namespace ao
