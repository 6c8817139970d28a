#include "cli/json.h"

#include <charconv>

#include <fmt/format.h>
#include <simdjson.h>

namespace ao::cli {

class JsonReader {
 public:
  static Json Read(const simdjson::dom::element& element) {
    using simdjson::dom::element_type;
    Json json;
    switch (element.type()) {
      case element_type::NULL_VALUE: break;
      case element_type::BOOL:
        json.type_ = Json::Type::kBool;
        json.integer_ = element.get_bool().value_unsafe() ? 1 : 0;
        break;
      case element_type::INT64:
        json.type_ = Json::Type::kInteger;
        json.integer_ = element.get_int64().value_unsafe();
        break;
      case element_type::UINT64:
        json.type_ = Json::Type::kDouble;
        json.double_ = static_cast<double>(element.get_uint64().value_unsafe());
        break;
      case element_type::DOUBLE:
        json.type_ = Json::Type::kDouble;
        json.double_ = element.get_double().value_unsafe();
        break;
      case element_type::STRING:
        json.type_ = Json::Type::kString;
        json.text_ = element.get_string().value_unsafe();
        break;
      case element_type::ARRAY: {
        json.type_ = Json::Type::kArray;
        const simdjson::dom::array array = element.get_array().value_unsafe();
        for (const auto item : array) json.items_.push_back(Read(item));
        break;
      }
      case element_type::OBJECT: {
        json.type_ = Json::Type::kObject;
        const simdjson::dom::object object = element.get_object().value_unsafe();
        for (const auto field : object) {
          json.keys_.emplace_back(field.key);
          json.items_.push_back(Read(field.value));
        }
        break;
      }
    }
    return json;
  }
};

Result<Json> Json::Parse(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const auto error = parser.parse(text.data(), text.size()).get(root);
  if (error) return InvalidArgument(fmt::format("cannot read JSON: {}", error_message(error)));
  return JsonReader::Read(root);
}

const Json& Json::operator[](std::string_view key) const {
  static const Json null;
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i] == key) return items_[i];
  }
  return null;
}

const Json& Json::at(size_t index) const {
  static const Json null;
  return index < items_.size() ? items_[index] : null;
}

int64_t Json::integer() const {
  if (type_ == Type::kInteger) return integer_;
  if (type_ == Type::kDouble && std::abs(double_) < 9e18) return static_cast<int64_t>(double_);
  int64_t value = 0;
  if (type_ == Type::kString) std::from_chars(text_.data(), text_.data() + text_.size(), value);
  return value;
}

double Json::number() const {
  if (type_ == Type::kInteger) return static_cast<double>(integer_);
  return type_ == Type::kDouble ? double_ : static_cast<double>(integer());
}

std::string Json::Display() const {
  if (type_ == Type::kString) return text_;
  if (type_ == Type::kNull) return "";
  JsonWriter json;
  Write(&json);
  return json.Take();
}

void Json::Write(JsonWriter* json) const {
  switch (type_) {
    case Type::kNull: json->Null(); break;
    case Type::kBool: json->Value(integer_ != 0); break;
    case Type::kInteger: json->Value(integer_); break;
    case Type::kDouble: json->Value(double_); break;
    case Type::kString: json->Value(text_); break;
    case Type::kArray:
      json->BeginArray();
      for (const Json& item : items_) item.Write(json);
      json->EndArray();
      break;
    case Type::kObject:
      json->BeginObject();
      for (size_t i = 0; i < keys_.size(); ++i) {
        json->Key(keys_[i]);
        items_[i].Write(json);
      }
      json->EndObject();
      break;
  }
}

namespace {

constexpr struct {
  std::string_view key, signal;
} kOtlpKeys[] = {{"resourceSpans", "traces"},   {"resourceLogs", "logs"},
                 {"resourceMetrics", "metrics"}, {"resource_spans", "traces"},
                 {"resource_logs", "logs"},      {"resource_metrics", "metrics"}};

}  // namespace

Result<OtlpLine> ReadOtlpLine(std::string_view line) {
  const simdjson::padded_string padded(line);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  auto error = parser.iterate(padded).get(document);
  if (!error) error = document.get_object().get(object);
  if (error) return InvalidArgument(fmt::format("cannot read JSON: {}", error_message(error)));
  for (auto field : object) {
    std::string_view key;
    if ((error = field.unescaped_key().get(key))) break;
    for (const auto& known : kOtlpKeys) {
      if (key != known.key) continue;
      simdjson::ondemand::array array;
      std::string_view raw;
      if ((error = field.value().get_array().get(array)) || (error = array.raw_json().get(raw))) {
        return InvalidArgument(fmt::format("cannot read {}: {}", key, error_message(error)));
      }
      const size_t open = raw.find('['), close = raw.rfind(']');
      if (close == std::string_view::npos) return InvalidArgument("cannot read JSON: cut off");
      return OtlpLine{std::string(known.signal),
                      std::string(raw.substr(open + 1, close - open - 1))};
    }
  }
  if (error) return InvalidArgument(fmt::format("cannot read JSON: {}", error_message(error)));
  return InvalidArgument("cannot tell what the line holds: no resourceSpans, resourceLogs or "
                         "resourceMetrics");
}

std::string WrapOtlp(std::string_view signal, std::string_view items) {
  for (const auto& known : kOtlpKeys) {
    if (known.signal == signal) return fmt::format("{{\"{}\":[{}]}}", known.key, items);
  }
  return "";
}

}  // namespace ao::cli
