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

duckdb_logical_type LogicalType(const Type& type) {
  if (type.fields.empty()) return duckdb_create_logical_type(type.type);
  std::vector<duckdb_logical_type> types;
  std::vector<const char*> names;
  for (const Field& field : type.fields) {
    types.push_back(duckdb_create_logical_type(field.type));
    names.push_back(field.name);
  }
  duckdb_logical_type item = duckdb_create_struct_type(types.data(), names.data(), types.size());
  duckdb_logical_type list = duckdb_create_list_type(item);
  duckdb_destroy_logical_type(&item);
  for (duckdb_logical_type& field : types) duckdb_destroy_logical_type(&field);
  return list;
}

const char* PlainTypeSql(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_VARCHAR: return "VARCHAR";
    case DUCKDB_TYPE_UUID: return "UUID";
    case DUCKDB_TYPE_BIGINT: return "BIGINT";
    case DUCKDB_TYPE_UBIGINT: return "UBIGINT";
    case DUCKDB_TYPE_UTINYINT: return "UTINYINT";
    case DUCKDB_TYPE_UINTEGER: return "UINTEGER";
    case DUCKDB_TYPE_INTEGER: return "INTEGER";
    case DUCKDB_TYPE_BOOLEAN: return "BOOLEAN";
    case DUCKDB_TYPE_FLOAT: return "FLOAT";
    case DUCKDB_TYPE_DOUBLE: return "DOUBLE";
    default: return "BLOB";
  }
}

}  // namespace

std::string TypeSql(const Type& type) {
  if (type.fields.empty()) return PlainTypeSql(type.type);
  std::string sql = "STRUCT(";
  for (const Field& field : type.fields) {
    sql.append(sql.ends_with('(') ? "\"" : ", \"").append(field.name).append("\" ");
    sql += PlainTypeSql(field.type);
  }
  return sql + ")[]";
}

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
  rows->CountFields();
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
    columns_[i].data = duckdb_vector_get_data(vector);
    columns_[i].validity = duckdb_vector_get_validity(vector);
    if (columns_[i].fields.empty()) continue;
    duckdb_vector items = duckdb_list_vector_get_child(vector);
    for (size_t f = 0; f < columns_[i].fields.size(); ++f) {
      duckdb_vector field = duckdb_struct_vector_get_child(items, f);
      columns_[i].fields[f].data = duckdb_vector_get_data(field);
      columns_[i].fields[f].validity = duckdb_vector_get_validity(field);
    }
  }
  return true;
}

void Rows::CountFields() {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (ColumnType(i) != DUCKDB_TYPE_LIST) continue;
    duckdb_logical_type list = duckdb_column_logical_type(&result_, i);
    duckdb_logical_type item = duckdb_list_type_child_type(list);
    if (duckdb_get_type_id(item) == DUCKDB_TYPE_STRUCT) {
      columns_[i].fields.resize(duckdb_struct_type_child_count(item));
    }
    duckdb_destroy_logical_type(&item);
    duckdb_destroy_logical_type(&list);
  }
}

std::string Rows::ColumnName(size_t column) { return duckdb_column_name(&result_, column); }
duckdb_type Rows::ColumnType(size_t column) { return duckdb_column_type(&result_, column); }

Result<std::unique_ptr<Appender>> Appender::Create(Connection& connection, const std::string& table,
                                                   const std::vector<Type>& types) {
  std::unique_ptr<Appender> appender(new Appender());
  appender->table_ = table;
  if (duckdb_appender_create(connection.handle(), nullptr, table.c_str(), &appender->handle_) !=
      DuckDBSuccess) {
    return ErrorStatus("append to " + table, duckdb_appender_error(appender->handle_));
  }
  std::vector<duckdb_logical_type> logical;
  for (const Type& type : types) logical.push_back(LogicalType(type));
  appender->chunk_ = duckdb_create_data_chunk(logical.data(), logical.size());
  for (auto& type : logical) duckdb_destroy_logical_type(&type);
  appender->data_.resize(types.size());
  appender->validity_.resize(types.size());
  appender->types_ = types;
  appender->items_.resize(types.size());
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
    items_[i] = 0;
  }
  rows_ = 0;
}

void Appender::SetList(size_t column, size_t items) {
  duckdb_vector list = duckdb_data_chunk_get_vector(chunk_, column);
  first_item_ = items_[column];
  items_[column] += items;
  duckdb_list_vector_reserve(list, items_[column]);
  duckdb_list_vector_set_size(list, items_[column]);
  Set(column, duckdb_list_entry{first_item_, items});
  duckdb_vector structs = duckdb_list_vector_get_child(list);
  item_data_.resize(types_[column].fields.size());
  for (size_t f = 0; f < item_data_.size(); ++f) {
    item_data_[f] = duckdb_vector_get_data(duckdb_struct_vector_get_child(structs, f));
  }
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
