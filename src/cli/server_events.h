#pragma once

#include <functional>
#include <string>
#include <string_view>

// Reads a stream of server-sent events, however it is cut into chunks. Single-thread.

namespace ao::cli {

class ServerEventReader {
 public:
  using OnEvent = std::function<void(std::string_view event, const std::string& data)>;
  explicit ServerEventReader(OnEvent on_event) : on_event_(std::move(on_event)) {}
  void Feed(std::string_view chunk);

 private:
  void TakeLine(std::string_view line);

  OnEvent on_event_;
  std::string buffer_, event_, data_;
};

}  // namespace ao::cli
