#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

// Writes the Prometheus text exposition format (version 0.0.4). Single-thread.
//
//   PrometheusText text;
//   text.Family("ao_ingest_spans_total", "counter", "Spans accepted");
//   text.Sample("ao_ingest_spans_total", {{"signal", "traces"}}, 12);

namespace ao {

class PrometheusText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // The HELP and TYPE lines; once per family, before its samples.
  void Family(std::string_view name, std::string_view type, std::string_view help);
  void Sample(std::string_view name, Labels labels, double value);
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace ao
