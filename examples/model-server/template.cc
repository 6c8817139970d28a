#include "model-server/template.h"

#include <array>
#include <charconv>
#include <optional>

namespace ao::model_server {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<double> Number(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != ',' && c != '$' && c != '%' && c != ' ') digits.push_back(c);
  }
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

bool IsJsonLiteral(std::string_view text) {
  if (text == "true" || text == "false" || text == "null") return true;
  if (text.empty() || !(IsDigit(text.front()) || text.front() == '-')) return false;
  if (text.size() > 1 && text[0] == '0' && IsDigit(text[1])) return false;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

std::string_view Look(const Values& values, std::string_view name) {
  const auto found = values.find(name);
  return found == values.end() ? std::string_view() : found->second;
}

bool CompareText(std::string_view a, std::string_view operation, std::string_view b) {
  return operation == "==" ? a == b : operation == "!=" && a != b;
}

bool CompareNumbers(double a, std::string_view operation, double b) {
  if (operation == "<") return a < b;
  if (operation == "<=") return a <= b;
  if (operation == ">") return a > b;
  if (operation == ">=") return a >= b;
  return operation == "==" ? a == b : a != b;
}

}  // namespace

std::string Fill(std::string_view text, const Values& values) {
  std::string filled;
  for (size_t i = 0; i < text.size();) {
    const bool dollar = text[i] == '$' && i + 1 < text.size();
    const size_t close = dollar && text[i + 1] == '{' ? text.find('}', i) : std::string_view::npos;
    if (close != std::string_view::npos) {
      filled += Look(values, text.substr(i + 2, close - i - 2));
      i = close + 1;
    } else if (dollar && IsDigit(text[i + 1])) {
      filled += Look(values, text.substr(i + 1, 1));
      i += 2;
    } else {
      filled.push_back(text[i++]);
    }
  }
  return filled;
}

bool Condition::Parse(std::string_view text, Condition* condition) {
  static constexpr std::array kOperations = {"<=", ">=", "==", "!=", "<", ">"};
  for (const std::string_view operation : kOperations) {
    const std::string spaced = " " + std::string(operation) + " ";
    const size_t at = text.find(spaced);
    if (at == std::string_view::npos) continue;
    *condition = {std::string(text.substr(0, at)), std::string(operation),
                  std::string(text.substr(at + spaced.size()))};
    return true;
  }
  return false;
}

bool Condition::Holds(const Values& values) const {
  const std::string a = Fill(left, values), b = Fill(right, values);
  const auto x = Number(a), y = Number(b);
  return x && y ? CompareNumbers(*x, operation, *y) : CompareText(a, operation, b);
}

void Template::Write(const Values& values, JsonWriter* json) const {
  if (kind == Kind::kQuoted || kind == Kind::kPlain) {
    const std::string filled = Fill(text, values);
    if (kind == Kind::kPlain && IsJsonLiteral(filled)) {
      json->Raw(filled);
    } else {
      json->Value(filled);
    }
    return;
  }
  kind == Kind::kMap ? json->BeginObject() : json->BeginArray();
  for (const auto& [key, member] : members) {
    if (kind == Kind::kMap) json->Key(key);
    member.Write(values, json);
  }
  kind == Kind::kMap ? json->EndObject() : json->EndArray();
}

}  // namespace ao::model_server
