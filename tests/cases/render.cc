#include "cases/render.h"

#include <algorithm>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/json_writer.h"

namespace ao::cases {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr size_t kLineWidth = 90;

size_t CodePoints(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string CellOf(element value) {
  std::string_view text;
  if (value.is_null()) return "-";
  if (value.get(text) != simdjson::SUCCESS) return simdjson::minify(value);
  if (text.empty()) return "-";
  std::string cell;
  for (const char c : text) {
    if (c == '\n') {
      cell += "\\n";
    } else {
      cell.push_back(c);
    }
  }
  return cell;
}

std::string Quote(std::string_view text) {
  std::string quoted;
  AppendJsonString(text, &quoted);
  return quoted;
}

void AppendPretty(element value, size_t depth, std::string* out) {
  const std::string flat = simdjson::minify(value);
  array items;
  object members;
  const bool is_array = value.get(items) == simdjson::SUCCESS;
  const bool is_object = value.get(members) == simdjson::SUCCESS;
  if ((!is_array && !is_object) || flat.size() + 2 * depth <= kLineWidth) {
    out->append(flat);
    return;
  }
  const std::string indent(2 * (depth + 1), ' ');
  const char* separator = "\n";
  out->push_back(is_array ? '[' : '{');
  const auto next = [&] {
    out->append(separator).append(indent);
    separator = ",\n";
  };
  if (is_array) {
    for (const element item : items) {
      next();
      AppendPretty(item, depth + 1, out);
    }
  } else {
    for (const auto member : members) {
      next();
      out->append(Quote(member.key)).append(": ");
      AppendPretty(member.value, depth + 1, out);
    }
  }
  out->append("\n").append(indent.substr(2));
  out->push_back(is_array ? ']' : '}');
}

// Writes the part of `value` that `rest` points to, or one part for every element of an array.
Status AppendPart(element value, std::string_view done, std::string_view rest, std::string* out) {
  const size_t star = rest.find("/*");
  if (star == rest.npos) {
    element part;
    const auto found =
        rest.empty() ? simdjson::simdjson_result<element>(element(value)) : value.at_pointer(rest);
    if (found.get(part) != simdjson::SUCCESS) {
      out->append(fmt::format("{}{}: absent\n", done, rest));
      return OkStatus();
    }
    out->append(fmt::format("{}{}: ", done, rest));
    AppendPretty(part, 0, out);
    out->push_back('\n');
    return OkStatus();
  }
  const std::string_view head = rest.substr(0, star);
  element list;
  array items;
  if ((head.empty() ? simdjson::simdjson_result<element>(element(value)) : value.at_pointer(head))
              .get(list) != simdjson::SUCCESS ||
      list.get(items) != simdjson::SUCCESS) {
    return InvalidArgument(fmt::format("cannot follow '{}{}': it is no array", done, head));
  }
  size_t index = 0;
  for (const element item : items) {
    AO_TRY(
        AppendPart(item, fmt::format("{}{}/{}", done, head, index++), rest.substr(star + 2), out));
  }
  return OkStatus();
}

}  // namespace

Result<std::string> RenderTable(const std::vector<std::string>& names,
                                const std::vector<std::string>& json_rows) {
  std::vector<std::vector<std::string>> rows{names};
  simdjson::dom::parser parser;
  for (const std::string& json : json_rows) {
    array cells;
    if (parser.parse(json).get(cells) != simdjson::SUCCESS) {
      return Internal(fmt::format("cannot read the row {}", json));
    }
    rows.emplace_back();
    for (const element cell : cells) rows.back().push_back(CellOf(cell));
  }
  std::vector<size_t> widths(names.size());
  for (const auto& row : rows) {
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], CodePoints(row[c]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c) {
      line += row[c];
      if (c + 1 < row.size()) line.append(widths[c] - CodePoints(row[c]) + 2, ' ');
    }
    out.append(line).append("\n");
  }
  return out;
}

Result<std::string> RenderJson(std::string_view json, const std::vector<std::string>& pointers) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) {
    return InvalidArgument(fmt::format("cannot read the answer as JSON: {}", json));
  }
  std::string out;
  if (pointers.empty()) {
    AppendPretty(root, 0, &out);
    return out + "\n";
  }
  for (const std::string& pointer : pointers) AO_TRY(AppendPart(root, "", pointer, &out));
  return out;
}

}  // namespace ao::cases
