#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

// API keys in the SQLite file of a data directory. A key is a 238-bit random secret that is shown
// once, at creation; what is stored is its SHA-256, so the file alone opens nothing. Thread-safe;
// several processes may use the same file (the CLI creates keys while the server runs).

namespace ao::keys {

struct Scopes {
  bool ingest = true;
  bool read = true;
  bool admin = false;
  friend bool operator==(const Scopes&, const Scopes&) = default;
};
// "ingest,read"; invalid_argument naming the unknown scope.
Result<Scopes> ParseScopes(std::string_view text);
std::string FormatScopes(const Scopes& scopes);

struct ApiKey {
  std::string id;  // short and public: the first 12 hex digits of the hash
  std::string project;
  std::string name;
  Scopes scopes;
  Nanos created = 0;
  Nanos last_used = 0;  // 0: never; to about a minute
  Nanos revoked = 0;    // 0: valid
  std::string hash;     // SHA-256 of the whole key, 64 hex digits
};

struct NewKey {
  ApiKey key;
  std::string secret;  // "ao_<project>_<40 base62 digits>"
};

constexpr size_t kMaxNameBytes = 200;

class KeyStore {
 public:
  // Opens <data_dir>/observatory.db, creating directory, file and table as needed.
  static Result<std::unique_ptr<KeyStore>> Open(const std::string& data_dir, const Clock& clock);
  virtual ~KeyStore() = default;

  // `project` is 1 to 64 of [a-z0-9-], `name` at most kMaxNameBytes of UTF-8; invalid_argument
  // otherwise.
  virtual Result<NewKey> Create(std::string_view project, std::string_view name,
                                const Scopes& scopes) = 0;
  // Newest first, revoked ones included.
  virtual Result<std::vector<ApiKey>> List() = 0;
  // By id; not_found. Revoking twice is fine.
  virtual Status Revoke(std::string_view id) = 0;
  virtual Status RecordUse(std::string_view id, Nanos when) = 0;
  // A number that changes when another process or this one has changed the keys.
  virtual Result<int64_t> Version() = 0;
};

// SHA-256 in lower-case hex.
std::string Sha256Hex(std::string_view bytes);

}  // namespace ao::keys
