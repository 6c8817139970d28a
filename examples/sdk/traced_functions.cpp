// Any callable in a span, without macros: arguments, result and exceptions are recorded.
#include <observatory/observatory.h>

#include <cstdio>
#include <stdexcept>
#include <string>

using observatory::kwarg;
using observatory::traced;

static std::string load_policy(const std::string& name, int version) {
  if (version < 0) throw std::invalid_argument("no version " + std::to_string(version));
  return name + " v" + std::to_string(version);
}

int main() {
  observatory::configure({.service_name = "policies"});
  const auto policy = traced("load_policy", load_policy, "loans", kwarg("version", 7));
  std::printf("%s\n", policy.c_str());
  try {
    traced("load_policy", load_policy, "loans", kwarg("version", -1));
  } catch (const std::invalid_argument& error) {
    std::printf("as thrown: %s\n", error.what());
  }
  // A function that is traced whenever it is called.
  const auto twice = observatory::traceable("twice", [](int x) { return 2 * x; });
  std::printf("%d\n", twice(kwarg("x", 21)));
}
