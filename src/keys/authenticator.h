#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "keys/key_store.h"
#include "net/http.h"

// Who a request comes from. The key is taken from `Authorization: Bearer <key>`,
// `Authorization: Basic base64(user:password)` (as the password, or as the user) or
// `x-api-key: <key>`.
//
// While no key exists and none is required, everybody is the project "default" with all rights;
// from the first key on, keys are needed. Changes made by other processes are seen within
// kRefreshInterval. Thread-safe; a request with a known key takes no lock that a database access
// is made under.

namespace ao::keys {

constexpr Nanos kRefreshInterval = kSecond / 2;

class ApiKeyAuthenticator final : public net::Authenticator {
 public:
  // `store` and `clock` outlive the authenticator. `required`: keys are needed even while none
  // exists (setting auth.required).
  static Result<std::unique_ptr<ApiKeyAuthenticator>> Create(KeyStore& store, const Clock& clock,
                                                             bool required);
  ~ApiKeyAuthenticator() override;

  // unauthenticated: key missing, unknown or revoked. unavailable: the keys could not be read for
  // longer than a minute (until then the last known ones count).
  Result<net::Principal> Authenticate(const net::HeaderList& headers) override;

  // Reads the keys now, so that a change made through the store of this process counts for the very
  // next request.
  Status Refresh();

  // Whether requests need a key now; decides if a non-loopback address may be listened on.
  bool KeysNeeded();

 private:
  class Impl;
  explicit ApiKeyAuthenticator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Lets everybody in with all rights, as the project "default".
class AnonymousAuthenticator final : public net::Authenticator {
 public:
  Result<net::Principal> Authenticate(const net::HeaderList&) override { return net::Principal{}; }
};

}  // namespace ao::keys
