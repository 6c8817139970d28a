#include "storage/encode/span_json.h"

#include <limits>

#include "base/json_writer.h"
#include "storage/encode/json_dom.h"

namespace ao::storage {
namespace {

using json::Element;
using model::Value;

constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

// Writes the members of one object, leaving out those with default values.
class Members {
 public:
  Members(const AttributeEncoder& encoder, const EncodeTarget& target)
      : encoder_(encoder), target_(target) {
    target_.json->push_back('{');
  }

  void Uint(std::string_view name, uint64_t value) {
    if (value == 0) return;
    Name(name);
    AppendUint(value, target_.json);
  }
  void Text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    Name(name);
    Encode(value);
  }
  void Hex(std::string_view name, const std::string& digits) {
    Name(name);
    target_.json->append("\"").append(digits).append("\"");
  }
  void Map(std::string_view name, model::Attributes attributes) {
    if (attributes.empty()) return;
    Name(name);
    encoder_.EncodeMap(attributes, target_.partition_time, target_.json, target_.pieces,
                       target_.refs);
  }
  void Texts(std::string_view name, std::span<const std::string_view> values) {
    if (values.empty()) return;
    Name(name);
    char separator = '[';
    for (const std::string_view value : values) {
      target_.json->push_back(separator);
      Encode(value);
      separator = ',';
    }
    target_.json->push_back(']');
  }
  // The caller appends one JSON value.
  std::string* Raw(std::string_view name) {
    Name(name);
    return target_.json;
  }
  void End() { target_.json->push_back('}'); }

 private:
  void Encode(std::string_view value) {
    encoder_.Encode(Value::String(value), target_.partition_time, target_.json, target_.pieces,
                    target_.refs);
  }
  void Name(std::string_view name) {
    if (!first_) target_.json->push_back(',');
    first_ = false;
    target_.json->push_back('"');
    target_.json->append(name).append("\":");
  }
  const AttributeEncoder& encoder_;
  const EncodeTarget& target_;
  bool first_ = true;
};

// Reads members of one object; absent ones keep their defaults, the first failure is kept.
class Reader {
 public:
  Reader(simdjson::dom::object object, const ContentReader& content, Arena* arena)
      : object_(object), content_(content), arena_(arena) {}

  template <typename T>
  void Uint(std::string_view name, T* out) {
    Read(name, [&](Element e) -> Status {
      AO_ASSIGN_OR_RETURN(const uint64_t value, json::ToUint(e, name));
      if (value > std::numeric_limits<T>::max()) return json::Malformed(name);
      *out = static_cast<T>(value);
      return OkStatus();
    });
  }
  void Text(std::string_view name, std::string_view* out) {
    Read(name, [&](Element e) -> Status {
      AO_ASSIGN_OR_RETURN(*out, json::ToString(e, content_, arena_));
      return OkStatus();
    });
  }
  void Map(std::string_view name, model::Attributes* out) {
    Read(name, [&](Element e) -> Status {
      AO_ASSIGN_OR_RETURN(*out, json::ToMap(e, content_, arena_));
      return OkStatus();
    });
  }
  void Texts(std::string_view name, std::span<const std::string_view>* out) {
    Read(name, [&](Element e) -> Status {
      AO_ASSIGN_OR_RETURN(const auto array, json::ToArray(e, name));
      std::vector<std::string_view> values;
      for (const Element item : array) {
        AO_ASSIGN_OR_RETURN(const auto value, json::ToString(item, content_, arena_));
        values.push_back(value);
      }
      *out = arena_->Copy(values);
      return OkStatus();
    });
  }
  template <typename Id>
  void Hex(std::string_view name, Id* out) {
    Read(name, [&](Element e) -> Status {
      AO_ASSIGN_OR_RETURN(const auto digits, json::ToText(e, name));
      const auto id = Id::FromHex(digits);
      if (!id) return json::Malformed(name);
      *out = *id;
      return OkStatus();
    });
  }
  template <typename F>
  void Read(std::string_view name, F read) {
    Element member;
    if (status_.ok() && object_[name].get(member) == simdjson::SUCCESS) status_ = read(member);
  }
  const Status& status() const { return status_; }

 private:
  simdjson::dom::object object_;
  const ContentReader& content_;
  Arena* arena_;
  Status status_;
};

// Decodes a JSON array of objects with `read(Reader*, T*)`; an empty text is an empty list.
template <typename T, typename F>
Result<std::span<const T>> ReadList(Element element, const ContentReader& content, Arena* arena,
                                    std::string_view what, F read) {
  AO_ASSIGN_OR_RETURN(const auto array, json::ToArray(element, what));
  std::vector<T> items;
  for (const Element item : array) {
    AO_ASSIGN_OR_RETURN(const auto object, json::ToObject(item, what));
    Reader reader(object, content, arena);
    T value;
    read(&reader, &value);
    AO_TRY(reader.status());
    items.push_back(value);
  }
  return arena->Copy(items);
}

template <typename T>
T* New(Arena* arena) {
  static_assert(std::is_trivially_destructible_v<T>);
  return new (arena->Allocate(sizeof(T), alignof(T))) T();
}

void EncodeEntityRefs(const model::Resource& resource, const AttributeEncoder& encoder,
                      const EncodeTarget& target) {
  char separator = '[';
  for (const model::EntityRef& ref : resource.entity_refs) {
    target.json->push_back(separator);
    separator = ',';
    Members members(encoder, target);
    members.Text("schema_url", ref.schema_url);
    members.Text("type", ref.type);
    members.Texts("id_keys", ref.id_keys);
    members.Texts("description_keys", ref.description_keys);
    members.End();
  }
  target.json->push_back(']');
}

}  // namespace

void EncodeEvents(std::span<const model::Event> events, const AttributeEncoder& encoder,
                  const EncodeTarget& target) {
  if (events.empty()) return;
  char separator = '[';
  for (const model::Event& event : events) {
    target.json->push_back(separator);
    separator = ',';
    Members members(encoder, target);
    members.Uint("time", event.time);
    members.Text("name", event.name);
    members.Map("attributes", event.attributes);
    members.Uint("dropped", event.dropped_attributes_count);
    members.End();
  }
  target.json->push_back(']');
}

void EncodeLinks(std::span<const model::Link> links, const AttributeEncoder& encoder,
                 const EncodeTarget& target) {
  if (links.empty()) return;
  char separator = '[';
  for (const model::Link& link : links) {
    target.json->push_back(separator);
    separator = ',';
    Members members(encoder, target);
    members.Hex("trace_id", link.trace_id.ToHex());
    members.Hex("span_id", link.span_id.ToHex());
    members.Text("trace_state", link.trace_state);
    members.Map("attributes", link.attributes);
    members.Uint("dropped", link.dropped_attributes_count);
    members.Uint("flags", link.flags);
    members.End();
  }
  target.json->push_back(']');
}

Result<std::span<const model::Event>> DecodeEvents(std::string_view json,
                                                   const ContentReader& content, Arena* arena) {
  if (json.empty()) return std::span<const model::Event>();
  AO_ASSIGN_OR_RETURN(const auto element, json::ParseJson(json));
  return ReadList<model::Event>(element, content, arena, "events",
                                [](Reader* reader, model::Event* event) {
                                  reader->Uint("time", &event->time);
                                  reader->Text("name", &event->name);
                                  reader->Map("attributes", &event->attributes);
                                  reader->Uint("dropped", &event->dropped_attributes_count);
                                });
}

Result<std::span<const model::Link>> DecodeLinks(std::string_view json,
                                                 const ContentReader& content, Arena* arena) {
  if (json.empty()) return std::span<const model::Link>();
  AO_ASSIGN_OR_RETURN(const auto element, json::ParseJson(json));
  return ReadList<model::Link>(element, content, arena, "links",
                               [](Reader* reader, model::Link* link) {
                                 reader->Hex("trace_id", &link->trace_id);
                                 reader->Hex("span_id", &link->span_id);
                                 reader->Text("trace_state", &link->trace_state);
                                 reader->Map("attributes", &link->attributes);
                                 reader->Uint("dropped", &link->dropped_attributes_count);
                                 reader->Uint("flags", &link->flags);
                               });
}

std::string EncodeResource(const model::Resource& resource) {
  const AttributeEncoder encoder(0, kNoLimit);
  std::string text;
  const EncodeTarget target{0, &text, nullptr, nullptr};
  Members members(encoder, target);
  members.Map("attributes", resource.attributes);
  members.Uint("dropped", resource.dropped_attributes_count);
  members.Text("schema_url", resource.schema_url);
  if (!resource.entity_refs.empty()) {
    members.Raw("entity_refs");
    EncodeEntityRefs(resource, encoder, target);
  }
  members.End();
  return text;
}

std::string EncodeScope(const model::Scope& scope) {
  const AttributeEncoder encoder(0, kNoLimit);
  std::string text;
  const EncodeTarget target{0, &text, nullptr, nullptr};
  Members members(encoder, target);
  members.Text("name", scope.name);
  members.Text("version", scope.version);
  members.Map("attributes", scope.attributes);
  members.Uint("dropped", scope.dropped_attributes_count);
  members.Text("schema_url", scope.schema_url);
  members.End();
  return text;
}

Result<const model::Resource*> DecodeResource(std::string_view json, Arena* arena) {
  AO_ASSIGN_OR_RETURN(const auto element, json::ParseJson(json));
  AO_ASSIGN_OR_RETURN(const auto object, json::ToObject(element, "resource"));
  const ContentReader none;
  auto* resource = New<model::Resource>(arena);
  Reader reader(object, none, arena);
  reader.Map("attributes", &resource->attributes);
  reader.Uint("dropped", &resource->dropped_attributes_count);
  reader.Text("schema_url", &resource->schema_url);
  reader.Read("entity_refs", [&](Element e) -> Status {
    AO_ASSIGN_OR_RETURN(
        resource->entity_refs,
        ReadList<model::EntityRef>(e, none, arena, "entity references",
                                   [](Reader* ref_reader, model::EntityRef* ref) {
                                     ref_reader->Text("schema_url", &ref->schema_url);
                                     ref_reader->Text("type", &ref->type);
                                     ref_reader->Texts("id_keys", &ref->id_keys);
                                     ref_reader->Texts("description_keys", &ref->description_keys);
                                   }));
    return OkStatus();
  });
  AO_TRY(reader.status());
  return resource;
}

Result<const model::Scope*> DecodeScope(std::string_view json, Arena* arena) {
  AO_ASSIGN_OR_RETURN(const auto element, json::ParseJson(json));
  AO_ASSIGN_OR_RETURN(const auto object, json::ToObject(element, "scope"));
  const ContentReader none;
  auto* scope = New<model::Scope>(arena);
  Reader reader(object, none, arena);
  reader.Text("name", &scope->name);
  reader.Text("version", &scope->version);
  reader.Map("attributes", &scope->attributes);
  reader.Uint("dropped", &scope->dropped_attributes_count);
  reader.Text("schema_url", &scope->schema_url);
  AO_TRY(reader.status());
  return scope;
}

Result<model::Span> DecodeSpan(const SpanRow& row, const ContentReader& content, Arena* arena) {
  model::Span span;
  span.trace_id = row.trace_id;
  span.span_id = row.span_id;
  span.parent_span_id = row.parent_span_id;
  span.flags = row.flags;
  span.trace_state = row.trace_state;
  span.name = row.name;
  span.kind = row.kind;
  span.status = row.status;
  span.status_message = row.status_message;
  span.start = row.times_adjusted ? row.raw_start : static_cast<uint64_t>(row.start);
  span.end = row.times_adjusted
                 ? row.raw_end
                 : static_cast<uint64_t>(row.start) + static_cast<uint64_t>(row.duration);
  span.dropped_attributes_count = row.dropped_attributes;
  span.dropped_events_count = row.dropped_events;
  span.dropped_links_count = row.dropped_links;
  AO_ASSIGN_OR_RETURN(span.attributes, DecodeMap(row.attributes, content, arena));
  AO_ASSIGN_OR_RETURN(span.events, DecodeEvents(row.events, content, arena));
  AO_ASSIGN_OR_RETURN(span.links, DecodeLinks(row.links, content, arena));
  return span;
}

Result<model::LogRecord> DecodeLog(const LogRow& row, const ContentReader& content, Arena* arena) {
  model::LogRecord log;
  log.time = row.raw_time;
  log.observed_time = row.observed_time;
  log.severity_number = row.severity_number;
  log.severity_text = row.severity_text;
  log.event_name = row.event_name;
  log.dropped_attributes_count = row.dropped_attributes;
  log.flags = row.flags;
  log.trace_id = row.trace_id;
  log.span_id = row.span_id;
  if (!row.body.empty()) {
    AO_ASSIGN_OR_RETURN(log.body, DecodeValue(row.body, content, arena));
  }
  AO_ASSIGN_OR_RETURN(log.attributes, DecodeMap(row.attributes, content, arena));
  return log;
}

}  // namespace ao::storage
