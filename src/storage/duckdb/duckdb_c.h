#pragma once

#include <cstdint>

// The part of DuckDB's stable C API that the adapter calls. libduckdb ships without a header; the
// names, signatures and struct layouts below are those of its documentation, and
// duckdb_test.cc checks the layouts against the library.

extern "C" {

using idx_t = uint64_t;
enum duckdb_state : int { DuckDBSuccess = 0, DuckDBError = 1 };

enum duckdb_type : int {
  DUCKDB_TYPE_INVALID = 0,
  DUCKDB_TYPE_BOOLEAN = 1,
  DUCKDB_TYPE_INTEGER = 4,
  DUCKDB_TYPE_BIGINT = 5,
  DUCKDB_TYPE_UTINYINT = 6,
  DUCKDB_TYPE_UINTEGER = 8,
  DUCKDB_TYPE_UBIGINT = 9,
  DUCKDB_TYPE_FLOAT = 10,
  DUCKDB_TYPE_DOUBLE = 11,
  DUCKDB_TYPE_VARCHAR = 17,
  DUCKDB_TYPE_BLOB = 18,
  DUCKDB_TYPE_LIST = 24,
  DUCKDB_TYPE_STRUCT = 25,
  DUCKDB_TYPE_UUID = 27,
};

// A 16-byte string: up to 12 bytes inline, longer ones as a 4-byte prefix and a pointer.
struct duckdb_string_t {
  union {
    struct {
      uint32_t length;
      char prefix[4];
      const char* ptr;
    } pointer;
    struct {
      uint32_t length;
      char inlined[12];
    } inlined;
  } value;
};

struct duckdb_hugeint {
  uint64_t lower;
  int64_t upper;
};

// Where a row's items lie in a list column's child vector.
struct duckdb_list_entry {
  uint64_t offset;
  uint64_t length;
};

struct duckdb_result {
  idx_t deprecated_column_count;
  idx_t deprecated_row_count;
  idx_t deprecated_rows_changed;
  void* deprecated_columns;
  char* deprecated_error_message;
  void* internal_data;
};

using duckdb_database = struct duckdb_database_impl*;
using duckdb_connection = struct duckdb_connection_impl*;
using duckdb_config = struct duckdb_config_impl*;
using duckdb_prepared_statement = struct duckdb_prepared_statement_impl*;
using duckdb_pending_result = struct duckdb_pending_result_impl*;
using duckdb_appender = struct duckdb_appender_impl*;
using duckdb_data_chunk = struct duckdb_data_chunk_impl*;
using duckdb_vector = struct duckdb_vector_impl*;
using duckdb_logical_type = struct duckdb_logical_type_impl*;

const char* duckdb_library_version();
duckdb_state duckdb_create_config(duckdb_config* out);
duckdb_state duckdb_set_config(duckdb_config config, const char* name, const char* option);
void duckdb_destroy_config(duckdb_config* config);
duckdb_state duckdb_open_ext(const char* path, duckdb_database* out, duckdb_config config,
                             char** error);
void duckdb_close(duckdb_database* database);
duckdb_state duckdb_connect(duckdb_database database, duckdb_connection* out);
void duckdb_interrupt(duckdb_connection connection);
void duckdb_disconnect(duckdb_connection* connection);
void duckdb_free(void* pointer);

duckdb_state duckdb_query(duckdb_connection connection, const char* query, duckdb_result* out);
void duckdb_destroy_result(duckdb_result* result);
const char* duckdb_result_error(duckdb_result* result);
idx_t duckdb_column_count(duckdb_result* result);
const char* duckdb_column_name(duckdb_result* result, idx_t column);
duckdb_type duckdb_column_type(duckdb_result* result, idx_t column);
duckdb_logical_type duckdb_column_logical_type(duckdb_result* result, idx_t column);
idx_t duckdb_rows_changed(duckdb_result* result);
duckdb_data_chunk duckdb_fetch_chunk(duckdb_result result);

duckdb_state duckdb_prepare(duckdb_connection connection, const char* query,
                            duckdb_prepared_statement* out);
void duckdb_destroy_prepare(duckdb_prepared_statement* statement);
const char* duckdb_prepare_error(duckdb_prepared_statement statement);
duckdb_state duckdb_bind_int64(duckdb_prepared_statement statement, idx_t index, int64_t value);
duckdb_state duckdb_bind_uint64(duckdb_prepared_statement statement, idx_t index, uint64_t value);
duckdb_state duckdb_bind_double(duckdb_prepared_statement statement, idx_t index, double value);
duckdb_state duckdb_bind_varchar_length(duckdb_prepared_statement statement, idx_t index,
                                        const char* value, idx_t length);
duckdb_state duckdb_pending_prepared_streaming(duckdb_prepared_statement statement,
                                               duckdb_pending_result* out);
const char* duckdb_pending_error(duckdb_pending_result pending);
duckdb_state duckdb_execute_pending(duckdb_pending_result pending, duckdb_result* out);
void duckdb_destroy_pending(duckdb_pending_result* pending);

duckdb_state duckdb_appender_create(duckdb_connection connection, const char* schema,
                                    const char* table, duckdb_appender* out);
const char* duckdb_appender_error(duckdb_appender appender);
duckdb_state duckdb_appender_flush(duckdb_appender appender);
duckdb_state duckdb_appender_clear(duckdb_appender appender);
duckdb_state duckdb_appender_destroy(duckdb_appender* appender);
duckdb_state duckdb_append_data_chunk(duckdb_appender appender, duckdb_data_chunk chunk);

duckdb_logical_type duckdb_create_logical_type(duckdb_type type);
duckdb_logical_type duckdb_create_list_type(duckdb_logical_type child);
duckdb_logical_type duckdb_create_struct_type(duckdb_logical_type* types, const char** names,
                                              idx_t count);
duckdb_logical_type duckdb_list_type_child_type(duckdb_logical_type type);
idx_t duckdb_struct_type_child_count(duckdb_logical_type type);
duckdb_type duckdb_get_type_id(duckdb_logical_type type);
void duckdb_destroy_logical_type(duckdb_logical_type* type);
duckdb_data_chunk duckdb_create_data_chunk(duckdb_logical_type* types, idx_t columns);
void duckdb_destroy_data_chunk(duckdb_data_chunk* chunk);
void duckdb_data_chunk_reset(duckdb_data_chunk chunk);
idx_t duckdb_data_chunk_get_size(duckdb_data_chunk chunk);
void duckdb_data_chunk_set_size(duckdb_data_chunk chunk, idx_t size);
duckdb_vector duckdb_data_chunk_get_vector(duckdb_data_chunk chunk, idx_t column);
void* duckdb_vector_get_data(duckdb_vector vector);
uint64_t* duckdb_vector_get_validity(duckdb_vector vector);
void duckdb_vector_ensure_validity_writable(duckdb_vector vector);
duckdb_vector duckdb_list_vector_get_child(duckdb_vector vector);
duckdb_state duckdb_list_vector_reserve(duckdb_vector vector, idx_t items);
duckdb_state duckdb_list_vector_set_size(duckdb_vector vector, idx_t items);
duckdb_vector duckdb_struct_vector_get_child(duckdb_vector vector, idx_t field);
idx_t duckdb_vector_size();

}  // extern "C"
