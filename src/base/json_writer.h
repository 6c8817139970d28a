#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

// Writes JSON text front to back into a string, with commas and escaping done for the caller.
// Invalid UTF-8 becomes U+FFFD, so the output is always valid JSON. Single-thread.
//
//   JsonWriter json;
//   json.BeginObject().Key("spans").BeginArray().Value(1).EndArray().EndObject();
//   Send(json.text());

namespace ao {

// Appends `text` as a JSON string with its quotes. Escapes only what JSON requires.
void AppendJsonString(std::string_view text, std::string* out);
// Appends a finite double so that it reads back to the same value, always with '.', 'e' or 'E';
// NaN and infinities as the strings "NaN", "Infinity", "-Infinity" (protobuf's JSON mapping).
void AppendJsonDouble(double value, std::string* out);
void AppendInt(int64_t value, std::string* out);
void AppendUint(uint64_t value, std::string* out);

class JsonWriter {
 public:
  JsonWriter() = default;

  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }

  JsonWriter& Key(std::string_view key) {
    Comma();
    AppendJsonString(key, &text_);
    text_.push_back(':');
    need_comma_ = false;
    return *this;
  }

  JsonWriter& Value(std::string_view value) {
    Comma();
    AppendJsonString(value, &text_);
    return *this;
  }
  JsonWriter& Value(const char* value) { return Value(std::string_view(value)); }
  JsonWriter& Value(const std::string& value) { return Value(std::string_view(value)); }
  JsonWriter& Value(bool value) { return Raw(value ? "true" : "false"); }
  template <std::integral T>
  requires(!std::same_as<T, bool>) JsonWriter& Value(T value) {
    Comma();
    if constexpr (std::is_signed_v<T>) {
      AppendInt(value, &text_);
    } else {
      AppendUint(value, &text_);
    }
    return *this;
  }
  JsonWriter& Value(double value) {
    Comma();
    AppendJsonDouble(value, &text_);
    return *this;
  }
  JsonWriter& Null() { return Raw("null"); }
  // `json` must be one complete JSON value.
  JsonWriter& Raw(std::string_view json) {
    Comma();
    text_.append(json);
    return *this;
  }

  // Key and value in one call.
  template <typename T>
  JsonWriter& Field(std::string_view key, const T& value) {
    return Key(key).Value(value);
  }
  // Writes the member only when `value` is not empty.
  JsonWriter& FieldIfSet(std::string_view key, std::string_view value) {
    return value.empty() ? *this : Field(key, value);
  }

  const std::string& text() const { return text_; }
  std::string Take() { return std::move(text_); }
  size_t size() const { return text_.size(); }

 private:
  void Comma() {
    if (need_comma_) text_.push_back(',');
    need_comma_ = true;
  }
  JsonWriter& Open(char c) {
    Comma();
    text_.push_back(c);
    need_comma_ = false;
    return *this;
  }
  JsonWriter& Close(char c) {
    text_.push_back(c);
    need_comma_ = true;
    return *this;
  }

  std::string text_;
  bool need_comma_ = false;
};

}  // namespace ao
