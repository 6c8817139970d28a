#include "research-assistant/calculator.h"

#include <charconv>
#include <stdexcept>
#include <string>

namespace {

constexpr int kMaxDepth = 100;

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  double parse() {
    const double value = sum();
    if (peek() != '\0') fail();
    return value;
  }

 private:
  double sum() {
    double value = product();
    while (peek() == '+' || peek() == '-') value += take() == '+' ? product() : -product();
    return value;
  }
  double product() {
    double value = factor();
    while (peek() == '*' || peek() == '/') {
      const bool times = take() == '*';
      const double next = factor();
      if (!times && next == 0) throw std::invalid_argument("cannot divide by zero");
      value = times ? value * next : value / next;
    }
    return value;
  }
  double factor() {
    if (++depth_ > kMaxDepth) fail();
    double value = 0;
    if (peek() == '-') {
      take();
      value = -factor();
    } else if (peek() == '(') {
      take();
      value = sum();
      if (peek() != ')') fail();
      take();
    } else {
      value = number();
    }
    --depth_;
    return value;
  }
  double number() {
    peek();
    double value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc()) fail();
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return value;
  }
  char peek() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
    return rest_.empty() ? '\0' : rest_.front();
  }
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  [[noreturn]] void fail() const {
    throw std::invalid_argument("cannot calculate: expected a number or operator at '" +
                                std::string(rest_.substr(0, 20)) + "'");
  }

  std::string_view rest_;
  int depth_ = 0;
};

}  // namespace

double calculate(std::string_view expression) { return Parser(expression).parse(); }
