#pragma once

#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "observatory/sdk.h"
#include "observatory/span.h"
#include "observatory/value.h"

// Runs a callable in a span:
//
//   auto policy = traced("load_policy", load_policy, "loans", kwarg("version", 7));
//
// Arguments given with kwarg are passed on as they are and captured as kwarg.<name>, cut at 500
// bytes; the result, when a Value can be made of it, as result.preview, cut at 500. Status OK; what
// the callable throws is recorded, the status is ERROR, and it is thrown on.

namespace observatory {

constexpr size_t kPreviewBytes = 500;

// A named argument. It holds a reference: use it in the call only.
template <typename T>
struct Kwarg {
  std::string_view name;
  T&& value;
};
template <typename T>
Kwarg<T> kwarg(std::string_view name, T&& value) {
  return {name, std::forward<T>(value)};
}

struct TracedOptions {
  std::string_view name = {};
  SpanKind kind = SpanKind::kInternal;
  bool capture_arguments = true, capture_result = true;
  Attributes attributes = {};
};

namespace detail {

template <typename T>
struct IsKwarg : std::false_type {};
template <typename T>
struct IsKwarg<Kwarg<T>> : std::true_type {};

template <typename T>
decltype(auto) Pass(T&& argument) {
  if constexpr (IsKwarg<std::remove_cvref_t<T>>::value) {
    return std::forward<decltype(argument.value)>(argument.value);
  } else {
    return std::forward<T>(argument);
  }
}

// Cut at kPreviewBytes.
OBSERVATORY_API void SetPreview(Span* span, std::string_view prefix, std::string_view name,
                                const AttributeValue& value) noexcept;
// Its class: "std::runtime_error".
OBSERVATORY_API std::string TypeName(const std::exception& error);
// Of the exception being handled.
OBSERVATORY_API void RecordCurrentException(Span* span) noexcept;

template <typename T>
void Capture(Span* span, const T& argument) {
  if constexpr (IsKwarg<T>::value) {
    if constexpr (std::is_constructible_v<AttributeValue, const decltype(argument.value)&>) {
      SetPreview(span, "kwarg.", argument.name, AttributeValue(argument.value));
    } else if constexpr (std::is_constructible_v<Value, const decltype(argument.value)&>) {
      SetPreview(span, "kwarg.", argument.name, Value(argument.value));
    }
  }
}

template <typename T>
void CaptureResult(Span* span, const T& result) {
  if constexpr (std::is_constructible_v<AttributeValue, const T&>) {
    SetPreview(span, "result.", "preview", AttributeValue(result));
  } else if constexpr (std::is_constructible_v<Value, const T&>) {
    SetPreview(span, "result.", "preview", Value(result));
  }
}

}  // namespace detail

template <typename F, typename... Args>
decltype(auto) traced(const TracedOptions& options, F&& function, Args&&... args) {
  ActiveSpan active = tracer().start_active_span(
      options.name, {.kind = options.kind, .attributes = options.attributes});
  Span& span = active.span();
  if (options.capture_arguments && span.recording()) (detail::Capture(&span, args), ...);
  try {
    using Result =
        decltype(std::invoke(std::forward<F>(function), detail::Pass(std::forward<Args>(args))...));
    if constexpr (std::is_void_v<Result>) {
      std::invoke(std::forward<F>(function), detail::Pass(std::forward<Args>(args))...);
      span.set_status(StatusCode::kOk);
    } else {
      Result result =
          std::invoke(std::forward<F>(function), detail::Pass(std::forward<Args>(args))...);
      if (options.capture_result && span.recording()) detail::CaptureResult(&span, result);
      span.set_status(StatusCode::kOk);
      return static_cast<Result>(std::forward<Result>(result));
    }
  } catch (...) {
    detail::RecordCurrentException(&span);
    throw;
  }
}

template <typename F, typename... Args>
decltype(auto) traced(std::string_view name, F&& function, Args&&... args) {
  return traced(TracedOptions{.name = name}, std::forward<F>(function),
                std::forward<Args>(args)...);
}

// A function that is traced whenever it is called: auto search = traceable("search", search_impl).
template <typename F>
auto traceable(std::string name, F function) {
  return
      [name = std::move(name), function = std::move(function)](auto&&... args) -> decltype(auto) {
        return traced(std::string_view(name), function, std::forward<decltype(args)>(args)...);
      };
}

}  // namespace observatory
