#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

// Status and Result<T>: how every fallible function of the project reports failure. No exception
// crosses a module border. Both are values, cheap when ok (an ok Status allocates nothing).
//
// Messages read "cannot <verb> <object>: <reason>", lower case, no full stop, with the offending
// value and, where known, what to do (the hint).

namespace ao {

enum class StatusCode {
  kOk,
  kInvalidArgument,
  kNotFound,
  kAlreadyExists,
  kFailedPrecondition,
  kResourceExhausted,
  kUnavailable,
  kDeadlineExceeded,
  kCorruption,
  kPermissionDenied,
  kUnauthenticated,
  kUnimplemented,
  kCancelled,
  kInternal,
};

// The code's stable lower-case name, for example "not_found"; used in JSON errors and metrics.
std::string_view StatusCodeName(StatusCode code);
// The HTTP status that a request failing with `code` is answered with.
int HttpStatusOf(StatusCode code);
// The gRPC status code (google.rpc.Code) of `code`.
int GrpcCodeOf(StatusCode code);
// The process exit code of the CLI for `code` (documented in docs/cli.md).
int ExitCodeOf(StatusCode code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message, std::string hint = {})
      : code_(code), message_(std::move(message)), hint_(std::move(hint)) {}

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }
  // What the user can do about it; may be empty.
  const std::string& hint() const { return hint_; }

  // The same status with "<context>: " in front of the message. Ok stays ok.
  Status WithContext(std::string_view context) const;
  // "not_found: cannot open /x: no such file" or "ok".
  std::string ToString() const;

  friend bool operator==(const Status&, const Status&) = default;

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
  std::string hint_;
};

inline Status OkStatus() { return {}; }
Status InvalidArgument(std::string message, std::string hint = {});
Status NotFound(std::string message, std::string hint = {});
Status AlreadyExists(std::string message, std::string hint = {});
Status FailedPrecondition(std::string message, std::string hint = {});
Status ResourceExhausted(std::string message, std::string hint = {});
Status Unavailable(std::string message, std::string hint = {});
Status DeadlineExceeded(std::string message, std::string hint = {});
Status Corruption(std::string message, std::string hint = {});
Status PermissionDenied(std::string message, std::string hint = {});
Status Unauthenticated(std::string message, std::string hint = {});
Status Unimplemented(std::string message, std::string hint = {});
Status Internal(std::string message, std::string hint = {});
// From errno: "cannot <what>: <strerror>". ENOSPC and EDQUOT become resource_exhausted, ENOENT
// not_found, EACCES permission_denied, EEXIST already_exists, the rest internal.
Status ErrnoStatus(std::string_view what, int error_number);

// A value or the Status that says why there is none. The API is a subset of std::expected.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}         // NOLINT(google-explicit-constructor)
  Result(Status status) : state_(std::move(status)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return std::holds_alternative<T>(state_); }
  bool has_value() const { return ok(); }
  explicit operator bool() const { return ok(); }
  // Ok when there is a value.
  Status status() const { return ok() ? Status() : std::get<Status>(state_); }

  // Precondition of the accessors: ok().
  T& value() & { return std::get<T>(state_); }
  const T& value() const& { return std::get<T>(state_); }
  T&& value() && { return std::get<T>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  template <typename U>
  T value_or(U&& fallback) const& {
    return ok() ? value() : static_cast<T>(std::forward<U>(fallback));
  }

 private:
  std::variant<T, Status> state_;
};

}  // namespace ao

#define AO_CONCAT_INNER_(a, b) a##b
#define AO_CONCAT_(a, b) AO_CONCAT_INNER_(a, b)

// Returns the Status of `expr` from the enclosing function unless it is ok.
#define AO_TRY(expr)                                 \
  do {                                               \
    ::ao::Status ao_try_status_ = (expr);            \
    if (!ao_try_status_.ok()) return ao_try_status_; \
  } while (false)

// AO_ASSIGN_OR_RETURN(auto x, Compute()): declares x, or returns the Status.
#define AO_ASSIGN_OR_RETURN(declaration, expr) \
  AO_ASSIGN_OR_RETURN_IMPL_(AO_CONCAT_(ao_result_, __LINE__), declaration, expr)
#define AO_ASSIGN_OR_RETURN_IMPL_(result, declaration, expr) \
  auto result = (expr);                                      \
  if (!result.ok()) return result.status();                  \
  declaration = std::move(result).value()
