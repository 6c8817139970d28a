#include "base/prometheus_text.h"

#include <cmath>

#include <fmt/format.h>

namespace ao {
namespace {

void AppendEscaped(std::string_view value, bool quotes, std::string* out) {
  for (char c : value) {
    if (c == '\\') {
      out->append("\\\\");
    } else if (c == '\n') {
      out->append("\\n");
    } else if (c == '"' && quotes) {
      out->append("\\\"");
    } else {
      out->push_back(c);
    }
  }
}

}  // namespace

void PrometheusText::Family(std::string_view name, std::string_view type, std::string_view help) {
  text_.append(fmt::format("# HELP {} ", name));
  AppendEscaped(help, false, &text_);
  text_.append(fmt::format("\n# TYPE {} {}\n", name, type));
}

void PrometheusText::Sample(std::string_view name, Labels labels, double value) {
  text_.append(name);
  char separator = '{';
  for (const auto& [key, label] : labels) {
    text_.push_back(separator);
    separator = ',';
    text_.append(key);
    text_.append("=\"");
    AppendEscaped(label, true, &text_);
    text_.push_back('"');
  }
  if (separator == ',') text_.push_back('}');
  if (std::isnan(value)) {
    text_.append(" NaN\n");
  } else if (std::isinf(value)) {
    text_.append(value > 0 ? " +Inf\n" : " -Inf\n");
  } else {
    text_.append(fmt::format(" {}\n", value));
  }
}

}  // namespace ao
