#include <array>
#include <memory>
#include <optional>

#include "base/encoding.h"
#include "ingest/otlp/decode.h"
#include "ingest/otlp/json_reader.h"
#include "ingest/otlp/tally.h"

namespace ao::ingest::otlp {
namespace {

using model::KeyValue;
using model::LogRecord;
using model::Metric;
using model::MetricPoint;
using model::MetricType;
using model::Signal;
using model::Span;
using model::Value;

constexpr std::array<std::string_view, 6> kSpanKinds = {"UNSPECIFIED", "INTERNAL", "SERVER",
                                                        "CLIENT",      "PRODUCER", "CONSUMER"};
constexpr std::array<std::string_view, 3> kStatusCodes = {"UNSET", "OK", "ERROR"};
constexpr std::array<std::string_view, 3> kTemporalities = {"UNSPECIFIED", "DELTA", "CUMULATIVE"};
constexpr std::array<std::string_view, 25> kSeverities = {
    "UNSPECIFIED", "TRACE",  "TRACE2", "TRACE3", "TRACE4", "DEBUG",  "DEBUG2", "DEBUG3", "DEBUG4",
    "INFO",        "INFO2",  "INFO3",  "INFO4",  "WARN",   "WARN2",  "WARN3",  "WARN4",  "ERROR",
    "ERROR2",      "ERROR3", "ERROR4", "FATAL",  "FATAL2", "FATAL3", "FATAL4"};

struct SignalNames {
  Signal signal;
  std::string_view resource_groups, scope_groups, records;
};
constexpr std::array<SignalNames, 3> kSignals = {{
    {Signal::kTraces, "resourceSpans", "scopeSpans", "spans"},
    {Signal::kLogs, "resourceLogs", "scopeLogs", "logRecords"},
    {Signal::kMetrics, "resourceMetrics", "scopeMetrics", "metrics"},
}};

template <typename Enum>
Enum InRange(int32_t number, size_t count) {
  return static_cast<Enum>(number >= 0 && number < static_cast<int32_t>(count) ? number : 0);
}

class JsonDecoder {
 public:
  JsonDecoder(model::Batch* batch, const DecodeLimits& limits)
      : batch_(batch), limits_(limits), memory_(&batch->arena, limits.max_decoded_bytes) {}

  void Decode(JsonElement document) {
    const JsonPlace root;
    const SignalNames& names = kSignals[static_cast<size_t>(batch_->signal)];
    ForMembers(document, root, [&](std::string_view name, JsonElement value, JsonPlace at) {
      if (name != names.resource_groups) return;
      switch (batch_->signal) {
        case Signal::kTraces: DecodeGroups(value, at, names, &spans_, &batch_->spans); break;
        case Signal::kLogs: DecodeGroups(value, at, names, &logs_, &batch_->logs); break;
        case Signal::kMetrics: DecodeGroups(value, at, names, &metrics_, &batch_->metrics); break;
      }
    });
    tally_.WriteTo(batch_);
  }

 private:
  std::string_view Copy(std::string_view text) {
    memory_.Check(text.size());
    return memory_.arena().Copy(text);
  }
  std::string_view Text(JsonElement element, const JsonPlace& at) {
    return Copy(ReadText(element, at));
  }

  // Collects what `decode(element, place, &item)` makes of the items; false leaves one out.
  template <typename T, typename Decode>
  std::span<const T> List(JsonElement element, const JsonPlace& at, Scratch<T>* scratch,
                          const Decode& decode) {
    const size_t base = scratch->size();
    ForItems(element, at, [&](JsonElement item, const JsonPlace& place) {
      T decoded{};
      if (decode(item, place, &decoded)) scratch->Push(decoded);
    });
    return scratch->Commit(base);
  }

  Value DecodeValue(JsonElement element, const JsonPlace& at, int depth) {
    if (depth > limits_.max_value_depth) {
      throw DecodeFailure{InvalidArgument(fmt::format(
          "an attribute value is nested deeper than {} levels", limits_.max_value_depth))};
    }
    Value value;
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "stringValue") {
        value = Value::String(Text(e, place));
      } else if (name == "intValue") {
        value = Value::Int(ReadInteger<int64_t>(e, place));
      } else if (name == "doubleValue") {
        value = Value::Double(ReadDouble(e, place));
      } else if (name == "boolValue") {
        value = Value::Bool(ReadBool(e, place));
      } else if (name == "arrayValue") {
        value = DecodeArray(e, place, depth);
      } else if (name == "kvlistValue") {
        value = DecodeMap(e, place, depth);
      } else if (name == "bytesValue") {
        const auto bytes = DecodeBase64(ReadText(e, place));
        if (!bytes) FailAt(place, "base64", e);
        value = Value::Bytes(Copy(*bytes));
      } else if (name == "stringValueStrindex") {
        tally_.StringIndex();
      }
    });
    return value;
  }

  Value DecodeArray(JsonElement element, const JsonPlace& at, int depth) {
    Value value = Value::Array({});
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name != "values") return;
      value = Value::Array(
          List(e, place, &values_, [&](JsonElement item, const JsonPlace& item_at, Value* out) {
            *out = DecodeValue(item, item_at, depth + 1);
            return true;
          }));
    });
    return value;
  }

  Value DecodeMap(JsonElement element, const JsonPlace& at, int depth) {
    Value value = Value::Map({});
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name != "values") return;
      value = Value::Map(List(e, place, &attributes_,
                              [&](JsonElement item, const JsonPlace& item_at, KeyValue* out) {
                                DecodeKeyValue(item, item_at, depth + 1, out);
                                return true;
                              }));
    });
    return value;
  }

  void DecodeKeyValue(JsonElement element, const JsonPlace& at, int depth, KeyValue* out) {
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "key") {
        out->key = Text(e, place);
      } else if (name == "value") {
        out->value = DecodeValue(e, place, depth);
      } else if (name == "keyStrindex") {
        tally_.StringIndex();
      }
    });
  }

  model::Attributes Attributes(JsonElement element, const JsonPlace& at) {
    return List(element, at, &attributes_,
                [&](JsonElement item, const JsonPlace& item_at, KeyValue* out) {
                  DecodeKeyValue(item, item_at, 1, out);
                  if (out->key.empty()) tally_.EmptyKey();
                  return !out->key.empty();
                });
  }

  // Ids of records that live without them.
  template <typename Id>
  Id Reference(JsonElement element, const JsonPlace& at) {
    const std::string_view hex = ReadText(element, at);
    const auto id = Id::FromHex(hex);
    if (!id && !hex.empty()) tally_.BadReference();
    return id.value_or(Id{});
  }

  void DecodeResource(JsonElement element, const JsonPlace& at, model::Resource* out) {
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "attributes") {
        out->attributes = Attributes(e, place);
      } else if (name == "droppedAttributesCount") {
        out->dropped_attributes_count = ReadInteger<uint32_t>(e, place);
      } else if (name == "entityRefs") {
        out->entity_refs = List(e, place, &entities_,
                                [&](JsonElement i, const JsonPlace& p, model::EntityRef* entity) {
                                  DecodeEntity(i, p, entity);
                                  return true;
                                });
      }
    });
  }

  std::span<const std::string_view> Texts(JsonElement element, const JsonPlace& at) {
    return List(element, at, &texts_, [&](JsonElement e, const JsonPlace& p, std::string_view* t) {
      *t = Text(e, p);
      return true;
    });
  }

  void DecodeEntity(JsonElement element, const JsonPlace& at, model::EntityRef* out) {
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "schemaUrl") {
        out->schema_url = Text(e, place);
      } else if (name == "type") {
        out->type = Text(e, place);
      } else if (name == "idKeys") {
        out->id_keys = Texts(e, place);
      } else if (name == "descriptionKeys") {
        out->description_keys = Texts(e, place);
      }
    });
  }

  void DecodeScope(JsonElement element, const JsonPlace& at, model::Scope* out) {
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "name") {
        out->name = Text(e, place);
      } else if (name == "version") {
        out->version = Text(e, place);
      } else if (name == "attributes") {
        out->attributes = Attributes(e, place);
      } else if (name == "droppedAttributesCount") {
        out->dropped_attributes_count = ReadInteger<uint32_t>(e, place);
      }
    });
  }

  bool DecodeEvent(JsonElement element, const JsonPlace& at, model::Event* out) {
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "timeUnixNano") {
        out->time = ReadInteger<uint64_t>(e, place);
      } else if (name == "name") {
        out->name = Text(e, place);
      } else if (name == "attributes") {
        out->attributes = Attributes(e, place);
      } else if (name == "droppedAttributesCount") {
        out->dropped_attributes_count = ReadInteger<uint32_t>(e, place);
      }
    });
    return true;
  }

  bool DecodeLink(JsonElement element, const JsonPlace& at, model::Link* out) {
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "traceId") {
        out->trace_id = Reference<TraceId>(e, place);
      } else if (name == "spanId") {
        out->span_id = Reference<SpanId>(e, place);
      } else if (name == "traceState") {
        out->trace_state = Text(e, place);
      } else if (name == "attributes") {
        out->attributes = Attributes(e, place);
      } else if (name == "droppedAttributesCount") {
        out->dropped_attributes_count = ReadInteger<uint32_t>(e, place);
      } else if (name == "flags") {
        out->flags = ReadInteger<uint32_t>(e, place);
      }
    });
    return true;
  }

  void DecodeStatus(JsonElement element, const JsonPlace& at, Span* out) {
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "message") {
        out->status_message = Text(e, place);
      } else if (name == "code") {
        out->status = InRange<model::StatusCode>(ReadEnum(e, place, "STATUS_CODE_", kStatusCodes),
                                                 kStatusCodes.size());
      }
    });
  }

  bool DecodeRecord(JsonElement element, const JsonPlace& at, Span* out) {
    std::string_view parent;
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "traceId") {
        out->trace_id = TraceId::FromHex(ReadText(e, place)).value_or(TraceId{});
      } else if (name == "spanId") {
        out->span_id = SpanId::FromHex(ReadText(e, place)).value_or(SpanId{});
      } else if (name == "parentSpanId") {
        parent = ReadText(e, place);
      } else if (name == "traceState") {
        out->trace_state = Text(e, place);
      } else if (name == "flags") {
        out->flags = ReadInteger<uint32_t>(e, place);
      } else if (name == "name") {
        out->name = Text(e, place);
      } else if (name == "kind") {
        out->kind = InRange<model::SpanKind>(ReadEnum(e, place, "SPAN_KIND_", kSpanKinds),
                                             kSpanKinds.size());
      } else if (name == "startTimeUnixNano") {
        out->start = ReadInteger<uint64_t>(e, place);
      } else if (name == "endTimeUnixNano") {
        out->end = ReadInteger<uint64_t>(e, place);
      } else if (name == "attributes") {
        out->attributes = Attributes(e, place);
      } else if (name == "status") {
        DecodeStatus(e, place, out);
      } else {
        DecodeSpanLists(name, e, place, out);
      }
    });
    if (!tally_.Admit(*out)) return false;
    if (!parent.empty()) {
      const auto id = SpanId::FromHex(parent);
      if (!id) tally_.BadParentId();
      out->parent_span_id = id.value_or(SpanId{});
    }
    return true;
  }

  void DecodeSpanLists(std::string_view name, JsonElement e, const JsonPlace& place, Span* out) {
    if (name == "droppedAttributesCount") {
      out->dropped_attributes_count = ReadInteger<uint32_t>(e, place);
    } else if (name == "droppedEventsCount") {
      out->dropped_events_count = ReadInteger<uint32_t>(e, place);
    } else if (name == "droppedLinksCount") {
      out->dropped_links_count = ReadInteger<uint32_t>(e, place);
    } else if (name == "events") {
      out->events = List(
          e, place, &events_,
          [&](JsonElement i, const JsonPlace& p, model::Event* x) { return DecodeEvent(i, p, x); });
    } else if (name == "links") {
      out->links = List(e, place, &links_, [&](JsonElement i, const JsonPlace& p, model::Link* x) {
        return DecodeLink(i, p, x);
      });
    }
  }

  bool DecodeRecord(JsonElement element, const JsonPlace& at, LogRecord* out) {
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "timeUnixNano") {
        out->time = ReadInteger<uint64_t>(e, place);
      } else if (name == "observedTimeUnixNano") {
        out->observed_time = ReadInteger<uint64_t>(e, place);
      } else if (name == "severityNumber") {
        out->severity_number = ReadEnum(e, place, "SEVERITY_NUMBER_", kSeverities);
      } else if (name == "severityText") {
        out->severity_text = Text(e, place);
      } else if (name == "body") {
        out->body = DecodeValue(e, place, 1);
      } else if (name == "attributes") {
        out->attributes = Attributes(e, place);
      } else if (name == "droppedAttributesCount") {
        out->dropped_attributes_count = ReadInteger<uint32_t>(e, place);
      } else if (name == "flags") {
        out->flags = ReadInteger<uint32_t>(e, place);
      } else if (name == "traceId") {
        out->trace_id = Reference<TraceId>(e, place);
      } else if (name == "spanId") {
        out->span_id = Reference<SpanId>(e, place);
      } else if (name == "eventName") {
        out->event_name = Text(e, place);
      }
    });
    return tally_.Admit(*out);
  }

  bool DecodeExemplar(JsonElement element, const JsonPlace& at, model::Exemplar* out) {
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "timeUnixNano") {
        out->time = ReadInteger<uint64_t>(e, place);
      } else if (name == "asDouble") {
        out->value = Value::Double(ReadDouble(e, place));
      } else if (name == "asInt") {
        out->value = Value::Int(ReadInteger<int64_t>(e, place));
      } else if (name == "spanId") {
        out->span_id = Reference<SpanId>(e, place);
      } else if (name == "traceId") {
        out->trace_id = Reference<TraceId>(e, place);
      } else if (name == "filteredAttributes") {
        out->filtered_attributes = Attributes(e, place);
      }
    });
    return true;
  }

  std::span<const uint64_t> Counts(JsonElement element, const JsonPlace& at) {
    return List(element, at, &counts_, [](JsonElement e, const JsonPlace& p, uint64_t* count) {
      *count = ReadInteger<uint64_t>(e, p);
      return true;
    });
  }

  model::Buckets DecodeBuckets(JsonElement element, const JsonPlace& at) {
    model::Buckets buckets;
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "offset") {
        buckets.offset = ReadInteger<int32_t>(e, place);
      } else if (name == "bucketCounts") {
        buckets.counts = Counts(e, place);
      }
    });
    return buckets;
  }

  static bool DecodeQuantile(JsonElement element, const JsonPlace& at, model::Quantile* out) {
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "quantile") out->quantile = ReadDouble(e, place);
      if (name == "value") out->value = ReadDouble(e, place);
    });
    return true;
  }

  // Members that only some types of points have.
  void DecodeDistribution(std::string_view name, JsonElement e, const JsonPlace& place,
                          MetricType type, MetricPoint* out) {
    if (name == "count") {
      out->count = ReadInteger<uint64_t>(e, place);
    } else if (name == "sum") {
      out->sum = ReadDouble(e, place);
      out->has_sum = true;
    } else if (name == "min" && type != MetricType::kSummary) {
      out->min = ReadDouble(e, place);
      out->has_min = true;
    } else if (name == "max" && type != MetricType::kSummary) {
      out->max = ReadDouble(e, place);
      out->has_max = true;
    } else if (type == MetricType::kHistogram) {
      if (name == "bucketCounts") out->bucket_counts = Counts(e, place);
      if (name == "explicitBounds") {
        out->explicit_bounds =
            List(e, place, &bounds_, [](JsonElement i, const JsonPlace& p, double* bound) {
              *bound = ReadDouble(i, p);
              return true;
            });
      }
    } else if (type == MetricType::kExponentialHistogram) {
      if (name == "scale") out->scale = ReadInteger<int32_t>(e, place);
      if (name == "zeroCount") out->zero_count = ReadInteger<uint64_t>(e, place);
      if (name == "zeroThreshold") out->zero_threshold = ReadDouble(e, place);
      if (name == "positive") out->positive = DecodeBuckets(e, place);
      if (name == "negative") out->negative = DecodeBuckets(e, place);
    } else if (name == "quantileValues") {
      out->quantiles = List(e, place, &quantiles_, DecodeQuantile);
    }
  }

  bool DecodePoint(JsonElement element, const JsonPlace& at, MetricType type, MetricPoint* out) {
    const bool is_number = type == MetricType::kGauge || type == MetricType::kSum;
    out->has_sum = type == MetricType::kSummary;
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "attributes") {
        out->attributes = Attributes(e, place);
      } else if (name == "startTimeUnixNano") {
        out->start_time = ReadInteger<uint64_t>(e, place);
      } else if (name == "timeUnixNano") {
        out->time = ReadInteger<uint64_t>(e, place);
      } else if (name == "flags") {
        out->flags = ReadInteger<uint32_t>(e, place);
      } else if (name == "exemplars" && type != MetricType::kSummary) {
        out->exemplars =
            List(e, place, &exemplars_, [&](JsonElement i, const JsonPlace& p, model::Exemplar* x) {
              return DecodeExemplar(i, p, x);
            });
      } else if (!is_number) {
        DecodeDistribution(name, e, place, type, out);
      } else if (name == "asDouble") {
        out->value = Value::Double(ReadDouble(e, place));
      } else if (name == "asInt") {
        out->value = Value::Int(ReadInteger<int64_t>(e, place));
      }
    });
    return tally_.Admit(type, *out);
  }

  void DecodeMetricData(JsonElement element, const JsonPlace& at, MetricType type, Metric* out) {
    out->type = type;
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "dataPoints") {
        out->points =
            List(e, place, &points_, [&](JsonElement i, const JsonPlace& p, MetricPoint* point) {
              return DecodePoint(i, p, type, point);
            });
      } else if (name == "aggregationTemporality" && type != MetricType::kGauge &&
                 type != MetricType::kSummary) {
        out->temporality = InRange<model::Temporality>(
            ReadEnum(e, place, "AGGREGATION_TEMPORALITY_", kTemporalities), kTemporalities.size());
      } else if (name == "isMonotonic" && type == MetricType::kSum) {
        out->is_monotonic = ReadBool(e, place);
      }
    });
  }

  static std::optional<MetricType> TypeOfName(std::string_view name) {
    if (name == "gauge") return MetricType::kGauge;
    if (name == "sum") return MetricType::kSum;
    if (name == "histogram") return MetricType::kHistogram;
    if (name == "exponentialHistogram") return MetricType::kExponentialHistogram;
    if (name == "summary") return MetricType::kSummary;
    return std::nullopt;
  }

  bool DecodeRecord(JsonElement element, const JsonPlace& at, Metric* out) {
    // Of several data members the last one counts, as in protobuf.
    std::optional<MetricType> type;
    JsonElement data;
    JsonPlace data_place;
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "name") {
        out->name = Text(e, place);
      } else if (name == "description") {
        out->description = Text(e, place);
      } else if (name == "unit") {
        out->unit = Text(e, place);
      } else if (name == "metadata") {
        out->metadata = Attributes(e, place);
      } else if (const auto named = TypeOfName(name)) {
        type = named;
        data = e;
        data_place = place;
      }
    });
    if (type) DecodeMetricData(data, data_place, *type, out);
    return !out->points.empty();
  }

  template <typename Record>
  void DecodeScopeGroup(JsonElement element, const JsonPlace& at, const SignalNames& names,
                        const model::Resource* resource, Scratch<Record>* records,
                        std::vector<model::ScopeGroup<Record>>* groups) {
    memory_.Check(sizeof(model::Scope));
    auto* scope = new (memory_.arena().AllocateArray<model::Scope>(1)) model::Scope;
    std::span<const Record> decoded;
    ForMembers(element, at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
      if (name == "scope") {
        DecodeScope(e, place, scope);
      } else if (name == "schemaUrl") {
        scope->schema_url = Text(e, place);
      } else if (name == names.records) {
        decoded = List(e, place, records, [&](JsonElement i, const JsonPlace& p, Record* record) {
          return DecodeRecord(i, p, record);
        });
      }
    });
    if (!decoded.empty()) groups->push_back({resource, scope, decoded});
  }

  template <typename Record>
  void DecodeGroups(JsonElement element, const JsonPlace& at, const SignalNames& names,
                    Scratch<Record>* records, std::vector<model::ScopeGroup<Record>>* groups) {
    ForItems(element, at, [&](JsonElement item, const JsonPlace& item_at) {
      memory_.Check(sizeof(model::Resource));
      auto* resource = new (memory_.arena().AllocateArray<model::Resource>(1)) model::Resource;
      ForMembers(item, item_at, [&](std::string_view name, JsonElement e, const JsonPlace& place) {
        if (name == "resource") {
          DecodeResource(e, place, resource);
        } else if (name == "schemaUrl") {
          resource->schema_url = Text(e, place);
        } else if (name == names.scope_groups) {
          ForItems(e, place, [&](JsonElement scope, const JsonPlace& scope_at) {
            DecodeScopeGroup(scope, scope_at, names, resource, records, groups);
          });
        }
      });
    });
  }

  model::Batch* batch_;
  DecodeLimits limits_;
  DecodeMemory memory_;
  Tally tally_;
  Scratch<KeyValue> attributes_{&memory_};
  Scratch<Value> values_{&memory_};
  Scratch<Span> spans_{&memory_};
  Scratch<model::Event> events_{&memory_};
  Scratch<model::Link> links_{&memory_};
  Scratch<LogRecord> logs_{&memory_};
  Scratch<Metric> metrics_{&memory_};
  Scratch<MetricPoint> points_{&memory_};
  Scratch<model::Exemplar> exemplars_{&memory_};
  Scratch<model::Quantile> quantiles_{&memory_};
  Scratch<model::EntityRef> entities_{&memory_};
  Scratch<std::string_view> texts_{&memory_};
  Scratch<uint64_t> counts_{&memory_};
  Scratch<double> bounds_{&memory_};
};

// The member of an object by its camelCase name, in either spelling; null when there is none.
std::optional<JsonElement> Member(JsonElement element, std::string_view wanted) {
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return std::nullopt;
  char buffer[48];
  for (const auto member : object) {
    if (CamelName(member.key, buffer) == wanted) return member.value;
  }
  return std::nullopt;
}

// How many records a request has, without decoding them.
uint64_t CountRecords(JsonElement groups, const SignalNames& names) {
  uint64_t count = 0;
  simdjson::dom::array resources, scopes, records;
  if (groups.get(resources) != simdjson::SUCCESS) return 0;
  for (const JsonElement resource : resources) {
    const auto list = Member(resource, names.scope_groups);
    if (!list || list->get(scopes) != simdjson::SUCCESS) continue;
    for (const JsonElement scope : scopes) {
      const auto leaf = Member(scope, names.records);
      if (leaf && leaf->get(records) == simdjson::SUCCESS) count += records.size();
    }
  }
  return count;
}

Status CheckSignal(JsonElement document, Signal wanted) {
  if (Member(document, kSignals[static_cast<size_t>(wanted)].resource_groups)) return OkStatus();
  for (const SignalNames& names : kSignals) {
    const auto groups = Member(document, names.resource_groups);
    if (groups) return WrongSignal(wanted, names.signal, CountRecords(*groups, names));
  }
  return OkStatus();
}

Result<Signal> SignalOf(JsonElement document) {
  for (const SignalNames& names : kSignals) {
    if (Member(document, names.resource_groups)) return names.signal;
  }
  return InvalidArgument("it has none of resourceSpans, resourceLogs and resourceMetrics");
}

uint64_t RecordsIn(const model::Batch& batch) {
  uint64_t n = 0;
  for (const auto& group : batch.spans) n += group.records.size();
  for (const auto& group : batch.logs) n += group.records.size();
  for (const auto& group : batch.metrics) {
    for (const model::Metric& metric : group.records) n += metric.points.size();
  }
  return n;
}

// `signal` is found out when it is not given.
Result<model::Batch> DecodeDocument(std::optional<Signal> signal, std::string body,
                                    const DecodeLimits& limits) {
  // The parser's buffers are many times the body: those of large bodies are not kept.
  constexpr size_t kKeptParserBytes = 256 * 1024;
  thread_local simdjson::dom::parser kept;
  std::unique_ptr<simdjson::dom::parser> own;
  if (body.size() > kKeptParserBytes) own = std::make_unique<simdjson::dom::parser>();
  simdjson::dom::parser& parser = own ? *own : kept;

  model::Batch batch;
  batch.body = std::move(body);
  batch.body.reserve(batch.body.size() + simdjson::SIMDJSON_PADDING);
  JsonElement document;
  const auto error = parser.parse(batch.body.data(), batch.body.size(), false).get(document);
  if (error != simdjson::SUCCESS) {
    return InvalidArgument(
        fmt::format("the body is not valid JSON ({})", simdjson::error_message(error)));
  }
  if (signal) {
    batch.signal = *signal;
    AO_TRY(CheckSignal(document, *signal));
  } else {
    AO_ASSIGN_OR_RETURN(batch.signal, SignalOf(document));
  }
  try {
    JsonDecoder(&batch, limits).Decode(document);
  } catch (const DecodeFailure& failure) {
    return failure.status;
  }
  if (RecordsIn(batch) != batch.accepted) {
    return InvalidArgument("a list of records appears twice in one object",
                           "give every key of an object once");
  }
  return batch;
}

}  // namespace

Result<model::Batch> DecodeJson(Signal signal, std::string body, const DecodeLimits& limits) {
  auto batch = DecodeDocument(signal, std::move(body), limits);
  if (batch.ok() || batch.status().message().starts_with("cannot ")) return batch;
  return batch.status().WithContext(fmt::format("cannot decode {}", SignalName(signal)));
}

Result<model::Batch> DecodeJsonLine(std::string line, const DecodeLimits& limits) {
  auto batch = DecodeDocument(std::nullopt, std::move(line), limits);
  if (batch.ok()) return batch;
  return batch.status().WithContext("cannot decode line");
}

}  // namespace ao::ingest::otlp
