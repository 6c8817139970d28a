#include "storage/duckdb/database.h"

namespace ao::storage::duck {
namespace {

// DuckDB's message begins with its kind ("Binder Error: ..."); the kind decides our code.
Status ErrorStatus(std::string_view what, const char* message) {
  const std::string_view text = message == nullptr ? "unknown reason" : message;
  std::string full = "cannot " + std::string(what) + ": " + std::string(text);
  const auto starts = [&](std::string_view prefix) { return text.rfind(prefix, 0) == 0; };
  if (starts("INTERRUPT")) return Status(StatusCode::kCancelled, std::move(full));
  if (starts("Out of Memory")) return ResourceExhausted(std::move(full));
  if (text.find("No space left") != text.npos) return ResourceExhausted(std::move(full));
  return Internal(std::move(full));
}

}  // namespace

Result<std::unique_ptr<Database>> Database::OpenInMemory(
    const std::vector<std::pair<std::string, std::string>>& settings) {
  duckdb_config config = nullptr;
  if (duckdb_create_config(&config) != DuckDBSuccess) return Internal("cannot configure DuckDB");
  for (const auto& [name, value] : settings) {
    if (duckdb_set_config(config, name.c_str(), value.c_str()) != DuckDBSuccess) {
      duckdb_destroy_config(&config);
      return InvalidArgument("cannot set DuckDB option " + name + " to '" + value + "'");
    }
  }
  duckdb_database handle = nullptr;
  char* error = nullptr;
  const duckdb_state state = duckdb_open_ext(":memory:", &handle, config, &error);
  duckdb_destroy_config(&config);
  if (state != DuckDBSuccess) {
    Status status = ErrorStatus("open the query engine", error);
    duckdb_free(error);
    return status;
  }
  return std::unique_ptr<Database>(new Database(handle));
}

Database::~Database() { duckdb_close(&handle_); }

Result<std::unique_ptr<Connection>> Database::Connect() {
  duckdb_connection handle = nullptr;
  if (duckdb_connect(handle_, &handle) != DuckDBSuccess) {
    return Internal("cannot connect to the query engine");
  }
  return std::unique_ptr<Connection>(new Connection(handle));
}

Connection::~Connection() { duckdb_disconnect(&handle_); }

Status Connection::Execute(const std::string& sql) {
  duckdb_result result{};
  Status status;
  if (duckdb_query(handle_, sql.c_str(), &result) != DuckDBSuccess) {
    status = ErrorStatus("run a statement", duckdb_result_error(&result));
  }
  duckdb_destroy_result(&result);
  return status;
}

Result<std::unique_ptr<Rows>> Connection::Query(const Sql& sql) {
  std::unique_ptr<Rows> rows(new Rows());
  if (duckdb_prepare(handle_, sql.text.c_str(), &rows->statement_) != DuckDBSuccess) {
    return ErrorStatus("prepare a query", duckdb_prepare_error(rows->statement_));
  }
  for (size_t i = 0; i < sql.parameters.size(); ++i) {
    const Parameter& p = sql.parameters[i];
    duckdb_state state = DuckDBSuccess;
    if (const auto* v = std::get_if<int64_t>(&p)) {
      state = duckdb_bind_int64(rows->statement_, i + 1, *v);
    } else if (const auto* u = std::get_if<uint64_t>(&p)) {
      state = duckdb_bind_uint64(rows->statement_, i + 1, *u);
    } else if (const auto* d = std::get_if<double>(&p)) {
      state = duckdb_bind_double(rows->statement_, i + 1, *d);
    } else {
      const auto& s = std::get<std::string>(p);
      state = duckdb_bind_varchar_length(rows->statement_, i + 1, s.data(), s.size());
    }
    if (state != DuckDBSuccess) return InvalidArgument("cannot bind a query parameter");
  }
  duckdb_pending_result pending = nullptr;
  if (duckdb_pending_prepared_streaming(rows->statement_, &pending) != DuckDBSuccess) {
    Status status = ErrorStatus("run a query", duckdb_pending_error(pending));
    duckdb_destroy_pending(&pending);
    return status;
  }
  const duckdb_state state = duckdb_execute_pending(pending, &rows->result_);
  duckdb_destroy_pending(&pending);
  if (state != DuckDBSuccess) {
    return ErrorStatus("run a query", duckdb_result_error(&rows->result_));
  }
  rows->columns_.resize(duckdb_column_count(&rows->result_));
  return rows;
}

Result<int64_t> Connection::QueryInt(const Sql& sql) {
  AO_ASSIGN_OR_RETURN(auto rows, Query(sql));
  AO_ASSIGN_OR_RETURN(const bool more, rows->Next());
  if (!more || rows->size() == 0) return Internal("cannot read a query's only value: no row");
  return rows->Int(0, 0);
}

void Connection::Interrupt() { duckdb_interrupt(handle_); }

Rows::~Rows() {
  if (chunk_ != nullptr) duckdb_destroy_data_chunk(&chunk_);
  duckdb_destroy_result(&result_);
  duckdb_destroy_prepare(&statement_);
}

Result<bool> Rows::Next() {
  if (chunk_ != nullptr) duckdb_destroy_data_chunk(&chunk_);
  size_ = 0;
  chunk_ = duckdb_fetch_chunk(result_);
  if (chunk_ == nullptr) {
    const char* error = duckdb_result_error(&result_);
    if (error != nullptr && *error != '\0') return ErrorStatus("read query results", error);
    return false;
  }
  size_ = duckdb_data_chunk_get_size(chunk_);
  if (size_ == 0) return false;
  for (size_t i = 0; i < columns_.size(); ++i) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk_, i);
    columns_[i] = {duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)};
  }
  return true;
}

std::string Rows::ColumnName(size_t column) { return duckdb_column_name(&result_, column); }
duckdb_type Rows::ColumnType(size_t column) { return duckdb_column_type(&result_, column); }

Result<std::unique_ptr<Appender>> Appender::Create(Connection& connection, const std::string& table,
                                                   const std::vector<duckdb_type>& types) {
  std::unique_ptr<Appender> appender(new Appender());
  appender->table_ = table;
  if (duckdb_appender_create(connection.handle(), nullptr, table.c_str(), &appender->handle_) !=
      DuckDBSuccess) {
    return ErrorStatus("append to " + table, duckdb_appender_error(appender->handle_));
  }
  std::vector<duckdb_logical_type> logical;
  for (const duckdb_type type : types) logical.push_back(duckdb_create_logical_type(type));
  appender->chunk_ = duckdb_create_data_chunk(logical.data(), logical.size());
  for (auto& type : logical) duckdb_destroy_logical_type(&type);
  appender->data_.resize(types.size());
  appender->validity_.resize(types.size());
  appender->capacity_ = duckdb_vector_size();
  appender->Rewind();
  return appender;
}

Appender::~Appender() {
  if (handle_ != nullptr) {
    duckdb_appender_clear(handle_);
    duckdb_appender_destroy(&handle_);
  }
  if (chunk_ != nullptr) duckdb_destroy_data_chunk(&chunk_);
}

void Appender::Rewind() {
  duckdb_data_chunk_reset(chunk_);
  for (size_t i = 0; i < data_.size(); ++i) {
    data_[i] = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk_, i));
    validity_[i] = nullptr;
  }
  rows_ = 0;
}

void Appender::SetNull(size_t column) {
  if (validity_[column] == nullptr) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk_, column);
    duckdb_vector_ensure_validity_writable(vector);
    validity_[column] = duckdb_vector_get_validity(vector);
  }
  validity_[column][rows_ / 64] &= ~(1ull << (rows_ % 64));
}

Status Appender::Push() {
  if (rows_ == 0) return OkStatus();
  duckdb_data_chunk_set_size(chunk_, rows_);
  const duckdb_state state = duckdb_append_data_chunk(handle_, chunk_);
  Rewind();
  if (state == DuckDBSuccess) return OkStatus();
  return ErrorStatus("append to " + table_, duckdb_appender_error(handle_));
}

Status Appender::Flush() {
  AO_TRY(Push());
  if (duckdb_appender_flush(handle_) == DuckDBSuccess) return OkStatus();
  return ErrorStatus("append to " + table_, duckdb_appender_error(handle_));
}

void Appender::Clear() {
  Rewind();
  duckdb_appender_clear(handle_);
}

std::string Quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out.push_back('\'');
    out.push_back(c);
  }
  out.push_back('\'');
  return out;
}

}  // namespace ao::storage::duck
