#include "storage/local/manifest.h"

#include <simdjson.h>
#include <xxhash.h>

#include "base/hash.h"
#include "base/json_writer.h"

namespace ao::storage::local {
namespace {

constexpr int kFormat = 1;
constexpr std::string_view kName = "/MANIFEST";

void WriteTraces(JsonWriter& json, const std::set<TraceRef>& traces) {
  json.BeginArray();
  for (const TraceRef& t : traces) {
    json.BeginArray().Value(t.project).Value(t.trace_id.ToHex()).EndArray();
  }
  json.EndArray();
}

void WriteSegment(JsonWriter& json, const SegmentFile& f) {
  json.BeginObject()
      .Field("table", SpecOf(f.table).name)
      .Field("id", f.id)
      .Field("path", f.path)
      .FieldIfSet("index", f.index)
      .Field("rows", f.rows)
      .Field("bytes", f.bytes)
      .Field("checksum", f.checksum)
      .Field("schema", f.schema)
      .Field("min_time", f.min_time)
      .Field("max_time", f.max_time)
      .EndObject();
}

using simdjson::dom::element;
using simdjson::dom::object;

// Reads members; the first problem sticks.
class Reader {
 public:
  uint64_t Uint(object o, const char* key) { return Get<uint64_t>(o, key); }
  int64_t Int(object o, const char* key) { return Get<int64_t>(o, key); }
  std::string Text(object o, const char* key) { return std::string(Get<std::string_view>(o, key)); }
  simdjson::dom::array Array(object o, const char* key) {
    return Get<simdjson::dom::array>(o, key);
  }
  template <typename T>
  T As(element e) {
    T v{};
    if (e.get(v) != simdjson::SUCCESS) ok = false;
    return v;
  }
  TraceRef Trace(element e) {
    const auto pair = As<simdjson::dom::array>(e);
    if (!ok || pair.size() != 2) return ok = false, TraceRef{};
    return {std::string(As<std::string_view>(pair.at(0).value_unsafe())),
            Id(pair.at(1).value_unsafe())};
  }
  TraceId Id(element e) {
    const auto id = TraceId::FromHex(As<std::string_view>(e));
    if (!id) ok = false;
    return id.value_or(TraceId{});
  }
  bool ok = true;

 private:
  template <typename T>
  T Get(object o, const char* key) {
    T v{};
    if (o[key].get(v) != simdjson::SUCCESS) ok = false;
    return v;
  }
};

SegmentFile ReadSegment(Reader& in, object o) {
  SegmentFile f;
  const std::string table = in.Text(o, "table");
  bool known = false;
  for (const Table t : kTables) {
    if (table == SpecOf(t).name) {
      f.table = t;
      known = true;
    }
  }
  in.ok = in.ok && known;
  f.id = in.Uint(o, "id");
  f.path = in.Text(o, "path");
  std::string_view index;
  if (o["index"].get(index) == simdjson::SUCCESS) f.index = std::string(index);
  f.rows = in.Uint(o, "rows");
  f.bytes = in.Uint(o, "bytes");
  f.checksum = in.Uint(o, "checksum");
  uint64_t schema = 1;  // not in manifests of the first version
  if (o["schema"].get(schema) == simdjson::SUCCESS) f.schema = static_cast<uint32_t>(schema);
  f.min_time = in.Int(o, "min_time");
  f.max_time = in.Int(o, "max_time");
  return f;
}

ContentFile ReadContent(Reader& in, object o) {
  ContentFile f;
  f.project = in.Text(o, "project");
  f.day = static_cast<Day>(in.Int(o, "day"));
  f.path = in.Text(o, "path");
  f.bytes = in.Uint(o, "bytes");
  f.records = in.Uint(o, "records");
  f.checksum = in.Uint(o, "checksum");
  return f;
}

}  // namespace

std::string EncodeManifest(const Manifest& m) {
  JsonWriter json;
  json.BeginObject()
      .Field("format", kFormat)
      .Field("sealed_before", m.sealed_before)
      .Field("next_file", m.next_file);
  json.Key("files").BeginArray();
  for (const SegmentFile& f : m.files) WriteSegment(json, f);
  json.EndArray().Key("content").BeginArray();
  for (const ContentFile& f : m.content) {
    json.BeginObject()
        .Field("project", f.project)
        .Field("day", f.day)
        .Field("path", f.path)
        .Field("bytes", f.bytes)
        .Field("records", f.records)
        .Field("checksum", f.checksum)
        .EndObject();
  }
  json.EndArray().Key("tombstones").BeginArray();
  for (const Tombstone& t : m.tombstones) {
    json.BeginObject().Field("project", t.project).Field("sequence", t.sequence);
    json.Key("traces").BeginArray();
    for (const TraceId& id : t.traces) json.Value(id.ToHex());
    json.EndArray().Key("days").BeginArray();
    for (const Day day : t.days) json.Value(day);
    json.EndArray().EndObject();
  }
  json.EndArray().Key("stale_runs").BeginArray();
  for (const auto& [file, traces] : m.stale_runs) {
    json.BeginObject().Field("file", file).Key("traces");
    WriteTraces(json, traces);
    json.EndObject();
  }
  json.EndArray();
  if (m.open_runs) {
    json.Key("open_runs");
    WriteSegment(json, *m.open_runs);
  }
  json.Key("changed_runs");
  WriteTraces(json, {m.changed_runs.begin(), m.changed_runs.end()});
  json.Key("refused").BeginArray();
  for (const Lsn lsn : m.refused) json.Value(lsn);
  json.EndArray();
  // The checksum is over everything before it.
  std::string text = json.Take();
  const uint64_t sum = Hash64(text);
  text += ",\"checksum\":" + std::to_string(sum) + "}\n";
  return text;
}

Result<Manifest> DecodeManifest(std::string_view text) {
  const Status damaged = Corruption("cannot read the manifest: it is damaged");
  const size_t tail = text.rfind(",\"checksum\":");
  if (tail == text.npos) return damaged;
  simdjson::dom::parser parser;
  object root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return damaged;
  Reader in;
  if (in.Uint(root, "checksum") != Hash64(text.substr(0, tail)) || !in.ok) return damaged;
  if (const int64_t format = in.Int(root, "format"); format != kFormat) {
    return FailedPrecondition("cannot read the manifest: format " + std::to_string(format) +
                              " is not known to this version");
  }
  Manifest m;
  m.sealed_before = in.Uint(root, "sealed_before");
  m.next_file = in.Uint(root, "next_file");
  for (const element e : in.Array(root, "files")) {
    m.files.push_back(ReadSegment(in, in.As<object>(e)));
  }
  for (const element e : in.Array(root, "content")) {
    m.content.push_back(ReadContent(in, in.As<object>(e)));
  }
  for (const element e : in.Array(root, "tombstones")) {
    const object o = in.As<object>(e);
    Tombstone t{in.Text(o, "project"), in.Uint(o, "sequence"), {}, {}};
    for (const element id : in.Array(o, "traces")) t.traces.insert(in.Id(id));
    for (const element day : in.Array(o, "days")) {
      t.days.insert(static_cast<Day>(in.As<int64_t>(day)));
    }
    m.tombstones.push_back(std::move(t));
  }
  for (const element e : in.Array(root, "stale_runs")) {
    const object o = in.As<object>(e);
    auto& traces = m.stale_runs[in.Uint(o, "file")];
    for (const element t : in.Array(o, "traces")) traces.insert(in.Trace(t));
  }
  object open_runs;
  if (root["open_runs"].get(open_runs) == simdjson::SUCCESS) {
    m.open_runs = ReadSegment(in, open_runs);
  }
  for (const element t : in.Array(root, "changed_runs")) m.changed_runs.push_back(in.Trace(t));
  for (const element e : in.Array(root, "refused")) m.refused.insert(in.As<uint64_t>(e));
  if (!in.ok) return damaged;
  return m;
}

Result<Manifest> LoadManifest(FileSystem& fs, const std::string& directory) {
  const std::string path = directory + std::string(kName);
  if (!fs.Exists(path)) return Manifest{};
  AO_ASSIGN_OR_RETURN(const std::string text, ReadFile(fs, path));
  auto manifest = DecodeManifest(text);
  if (!manifest.ok()) return manifest.status().WithContext(path);
  return manifest;
}

Status SaveManifest(FileSystem& fs, const std::string& directory, const Manifest& manifest) {
  return WriteFileAtomically(fs, directory + std::string(kName), EncodeManifest(manifest));
}

Result<FileSum> SumFile(FileSystem& fs, const std::string& path) {
  AO_ASSIGN_OR_RETURN(auto file, fs.Open(path, FileSystem::Mode::kRead));
  FileSum sum;
  AO_ASSIGN_OR_RETURN(sum.bytes, file->Size());
  std::string buffer(1 << 20, '\0');
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(),
                                                                              XXH3_freeState);
  XXH3_64bits_reset(state.get());
  for (uint64_t at = 0; at < sum.bytes;) {
    const size_t n = static_cast<size_t>(std::min<uint64_t>(buffer.size(), sum.bytes - at));
    AO_TRY(file->ReadAt(at, n, buffer.data()));
    XXH3_64bits_update(state.get(), buffer.data(), n);
    at += n;
  }
  sum.checksum = XXH3_64bits_digest(state.get());
  return sum;
}

}  // namespace ao::storage::local
