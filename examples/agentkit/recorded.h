#pragma once

#include <exception>
#include <string>
#include <string_view>

#include <observatory/genai.h>

namespace agentkit {

// Does `body`, a part of `operation`. What it throws is recorded there, and thrown on.
template <typename Body>
auto recorded(observatory::Operation& operation, const Body& body) {
  try {
    return body();
  } catch (const std::exception& error) {
    operation.fail(error);
    throw;
  }
}

// Uses a tool within a span "tool.call.<name>": what `body` returns, a text, is its result.
template <typename Body>
std::string use_tool(std::string_view name, observatory::Value arguments, const Body& body) {
  auto call = observatory::tool_call(name, {.arguments = std::move(arguments)});
  std::string result = recorded(call, body);
  call.set_result(result);
  return result;
}

}  // namespace agentkit
