#include "net/tls.h"

#include <openssl/ssl.h>

#include <string_view>

#include <fmt/format.h>

namespace ao::net {
namespace {

namespace ssl = boost::asio::ssl;

constexpr unsigned char kProtocols[] = "\x02h2\x08http/1.1";

int SelectProtocol(SSL*, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* in, unsigned int in_size, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kProtocols, sizeof kProtocols - 1, in, in_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Status Unusable(std::string_view what, const std::string& path,
                const boost::system::error_code& error) {
  return InvalidArgument(fmt::format("cannot use {} {}: {}", what, path, error.message()));
}

}  // namespace

Result<std::shared_ptr<ssl::context>> MakeTlsContext(const TlsOptions& options) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  boost::system::error_code error;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                           ssl::context::no_sslv3 | ssl::context::no_tlsv1 |
                           ssl::context::no_tlsv1_1 | ssl::context::no_compression,
                       error);
  if (error) return Internal(fmt::format("cannot set up TLS: {}", error.message()));
  context->use_certificate_chain_file(options.certificate_file, error);
  if (error) return Unusable("TLS certificate", options.certificate_file, error);
  context->use_private_key_file(options.key_file, ssl::context::pem, error);
  if (error) return Unusable("TLS key", options.key_file, error);
  if (!options.client_ca_file.empty()) {
    context->load_verify_file(options.client_ca_file, error);
    if (error) return Unusable("client CA file", options.client_ca_file, error);
    context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, error);
    if (error) return Unusable("client CA file", options.client_ca_file, error);
  }
  // Sessions of a server that verifies clients must name their context.
  SSL_CTX* native = context->native_handle();
  static constexpr unsigned char kSessionContext[] = "observatory";
  SSL_CTX_set_session_id_context(native, kSessionContext, sizeof kSessionContext - 1);
  SSL_CTX_set_alpn_select_cb(native, SelectProtocol, nullptr);
  return context;
}

}  // namespace ao::net
