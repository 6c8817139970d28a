#include "keys/authenticator.h"

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "base/encoding.h"
#include "base/hash_map.h"
#include "base/log.h"

namespace ao::keys {
namespace {

constexpr Nanos kUseInterval = kMinute;  // last_used is written at most this often per key
constexpr Nanos kStaleLimit = kMinute;   // how long unreadable keys keep their last known state
constexpr size_t kLongestKey = 512;      // longer values are not hashed at all

std::string_view HeaderOf(const net::HeaderList& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

bool StartsWithNoCase(std::string_view text, std::string_view lower_prefix) {
  if (text.size() < lower_prefix.size()) return false;
  for (size_t i = 0; i < lower_prefix.size(); ++i) {
    const char c = text[i];
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (lower != lower_prefix[i]) return false;
  }
  return true;
}

// The values of the headers that may be a key, most likely first.
std::vector<std::string> CandidatesIn(const net::HeaderList& headers) {
  std::vector<std::string> candidates;
  std::string_view authorization = HeaderOf(headers, "authorization");
  if (StartsWithNoCase(authorization, "bearer ")) {
    candidates.emplace_back(authorization.substr(7));
  } else if (StartsWithNoCase(authorization, "basic ")) {
    if (const auto decoded = DecodeBase64(authorization.substr(6))) {
      const size_t colon = decoded->find(':');
      if (colon != std::string::npos) candidates.push_back(decoded->substr(colon + 1));
      candidates.push_back(decoded->substr(0, colon));
    }
  }
  if (const std::string_view key = HeaderOf(headers, "x-api-key"); !key.empty()) {
    candidates.emplace_back(key);
  }
  std::erase_if(candidates,
                [](const std::string& key) { return key.empty() || key.size() > kLongestKey; });
  return candidates;
}

Status Refused(std::string message) {
  return Unauthenticated(std::move(message),
                         "send Authorization: Bearer <key>; observatory keys create makes one");
}

}  // namespace

class ApiKeyAuthenticator::Impl {
 public:
  Impl(KeyStore& store, const Clock& clock, bool required)
      : store_(store), clock_(clock), required_(required) {}

  Status Reload() {
    AO_ASSIGN_OR_RETURN(const int64_t version, store_.Version());
    if (auto now = snapshot(); now != nullptr && now->version == version) return OkStatus();
    AO_ASSIGN_OR_RETURN(std::vector<ApiKey> keys, store_.List());
    auto next = std::make_shared<Snapshot>();
    next->version = version;
    for (ApiKey& key : keys) {
      std::string hash = key.hash;
      next->by_hash.emplace(std::move(hash), std::make_shared<Known>(std::move(key)));
    }
    std::lock_guard lock(mutex_);
    // Two may read at the same time; the later state stays.
    if (snapshot_ != nullptr && snapshot_->version > version) return OkStatus();
    next->any_ever = !next->by_hash.empty();
    snapshot_ = std::move(next);
    return OkStatus();
  }

  // One caller refreshes, the others go on with what is there.
  Status RefreshIfDue() {
    const Nanos now = clock_.Monotonic();
    Nanos due = next_refresh_.load();
    if (now < due) return OkStatus();
    if (!next_refresh_.compare_exchange_strong(due, now + kRefreshInterval)) return OkStatus();
    const Status status = Reload();
    if (status.ok()) {
      last_read_ = now;
      return status;
    }
    AO_LOG(kWarn, "keys", "cannot refresh API keys", "reason", status.message());
    if (now - last_read_.load() < kStaleLimit) return OkStatus();
    next_refresh_ = now;  // the next request tries again
    return Unavailable("cannot check API keys: " + status.message());
  }

  bool KeysNeeded() const { return required_ || snapshot()->any_ever; }

  Result<net::Principal> Authenticate(const net::HeaderList& headers) {
    AO_TRY(RefreshIfDue());
    const auto now = snapshot();
    const std::vector<std::string> candidates = CandidatesIn(headers);
    bool revoked = false;
    for (const std::string& secret : candidates) {
      const std::string hash = Sha256Hex(secret);
      const auto found = now->by_hash.find(hash);
      if (found == now->by_hash.end()) continue;
      Known& known = *found->second;
      // The table lookup is by digest, which tells an attacker nothing about the secret; the
      // comparison that decides is constant-time all the same.
      if (CRYPTO_memcmp(hash.data(), known.key.hash.data(), hash.size()) != 0) continue;
      if (known.key.revoked != 0) {
        revoked = true;
        continue;
      }
      RecordUse(&known);
      return net::Principal{known.key.project, known.key.id, known.key.scopes.ingest,
                            known.key.scopes.read, known.key.scopes.admin};
    }
    if (!required_ && !now->any_ever) return net::Principal{};
    if (revoked) return Refused("cannot authenticate: the API key was revoked");
    return Refused(candidates.empty() ? "cannot authenticate: no API key in the request"
                                      : "cannot authenticate: unknown API key");
  }

  void MarkRead() {
    last_read_ = clock_.Monotonic();
    next_refresh_ = clock_.Monotonic() + kRefreshInterval;
  }

 private:
  struct Known {
    explicit Known(ApiKey k) : key(std::move(k)), last_used(key.last_used) {}
    const ApiKey key;
    std::atomic<Nanos> last_used;
  };
  struct Snapshot {
    int64_t version = 0;
    bool any_ever = false;
    HashMap<std::string, std::shared_ptr<Known>> by_hash;
  };

  std::shared_ptr<const Snapshot> snapshot() const {
    std::lock_guard lock(mutex_);
    return snapshot_;
  }

  void RecordUse(Known* known) {
    const Nanos now = clock_.Now();
    Nanos last = known->last_used.load(std::memory_order_relaxed);
    if (now - last < kUseInterval) return;
    if (!known->last_used.compare_exchange_strong(last, now)) return;
    if (const Status status = store_.RecordUse(known->key.id, now); !status.ok()) {
      AO_LOG(kWarn, "keys", "cannot record the use of a key", "reason", status.message());
    }
  }

  KeyStore& store_;
  const Clock& clock_;
  const bool required_;
  std::atomic<Nanos> next_refresh_{0};
  std::atomic<Nanos> last_read_{0};
  mutable std::mutex mutex_;  // guards snapshot_
  std::shared_ptr<const Snapshot> snapshot_;
};

ApiKeyAuthenticator::ApiKeyAuthenticator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ApiKeyAuthenticator::~ApiKeyAuthenticator() = default;

Result<std::unique_ptr<ApiKeyAuthenticator>> ApiKeyAuthenticator::Create(KeyStore& store,
                                                                         const Clock& clock,
                                                                         bool required) {
  auto impl = std::make_unique<Impl>(store, clock, required);
  AO_TRY(impl->Reload());
  impl->MarkRead();
  return std::unique_ptr<ApiKeyAuthenticator>(new ApiKeyAuthenticator(std::move(impl)));
}

Result<net::Principal> ApiKeyAuthenticator::Authenticate(const net::HeaderList& headers) {
  return impl_->Authenticate(headers);
}

Status ApiKeyAuthenticator::Refresh() {
  AO_TRY(impl_->Reload());
  impl_->MarkRead();
  return OkStatus();
}

bool ApiKeyAuthenticator::KeysNeeded() { return impl_->KeysNeeded(); }

}  // namespace ao::keys
