#pragma once

#include <exception>

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

}  // namespace agentkit
