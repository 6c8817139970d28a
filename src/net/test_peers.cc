#include "net/test_peers.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdio>
#include <filesystem>
#include <utility>

#include <gtest/gtest.h>

#include "net/ascii.h"
#include "net/http2_client.h"

namespace ao::net {

std::string Deflated(std::string_view text, int window_bits) {
  z_stream z = {};
  EXPECT_EQ(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string Zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

RawClient::RawClient(const std::string& address) {
  fd_ = socket(AF_INET, SOCK_STREAM, 0);
  const size_t colon = address.rfind(':');
  sockaddr_in peer = {};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &peer.sin_addr);
  const timeval patience = {20, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&peer), sizeof peer), 0) << address;
}

RawClient::~RawClient() {
  if (fd_ >= 0) close(fd_);
}

bool RawClient::Send(std::string_view data) {
  while (!data.empty()) {
    const ssize_t sent = send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void RawClient::EndSending() { shutdown(fd_, SHUT_WR); }

bool RawClient::Fill() {
  char block[65536];
  const ssize_t got = recv(fd_, block, sizeof block, 0);
  if (got == 0) ended_in_order_ = true;
  if (got <= 0) return false;
  buffer_.append(block, static_cast<size_t>(got));
  return true;
}

std::string RawClient::ReadUntil(std::string_view mark) {
  size_t at = std::string::npos;
  do {
    if (!mark.empty()) at = buffer_.find(mark);
  } while (at == std::string::npos && Fill());
  const size_t size = at == std::string::npos ? buffer_.size() : at + mark.size();
  std::string out = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return out;
}

std::string RawClient::ReadSome() {
  if (buffer_.empty()) Fill();
  return std::exchange(buffer_, {});
}

std::string RawClient::ReadResponse() {
  std::string head = ReadUntil("\r\n\r\n");
  const std::string_view key = "content-length: ";
  const size_t at = head.find(key);
  if (at == std::string::npos) return head;
  const size_t size = std::stoul(head.substr(at + key.size()));
  while (buffer_.size() < size && Fill()) {
  }
  head.append(buffer_, 0, size);
  buffer_.erase(0, std::min(size, buffer_.size()));
  return head;
}

void RawClient::Reset() {
  const linger now = {1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(fd_);
  fd_ = -1;
}

namespace {

size_t OnCurlBody(char* data, size_t size, size_t count, void* out) {
  static_cast<CurlResponse*>(out)->body.append(data, size * count);
  return size * count;
}

size_t OnCurlHeader(char* data, size_t size, size_t count, void* out) {
  auto* response = static_cast<CurlResponse*>(out);
  std::string_view line(data, size * count);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.substr(0, 5) == "HTTP/") response->headers.clear();
  if (const size_t colon = line.find(": "); colon != std::string_view::npos) {
    response->headers[ToLower(line.substr(0, colon))] = std::string(line.substr(colon + 2));
  }
  return size * count;
}

struct Upload {
  std::string_view rest;
};

size_t OnCurlRead(char* out, size_t size, size_t count, void* data) {
  auto* upload = static_cast<Upload*>(data);
  const size_t n = upload->rest.copy(out, size * count);
  upload->rest.remove_prefix(n);
  return n;
}

}  // namespace

CurlClient::CurlClient(std::string address)
    : address_(std::move(address)), curl_(curl_easy_init()) {}
CurlClient::~CurlClient() { curl_easy_cleanup(curl_); }

CurlResponse CurlClient::DoHttp2(const CurlRequest& request) {
  if (http2_ == nullptr) {
    http2_ = std::make_unique<Http2Client>(address_);
    ++opened_;
  }
  HeaderList headers = request.headers;
  if (request.method == "POST" && !request.chunked) {
    headers.emplace_back("content-length", std::to_string(request.body.size()));
  }
  for (auto& [name, value] : headers) name = ToLower(name);
  const int32_t stream = http2_->Start(request.method, request.path, headers, request.body);
  const Http2Client::Answer& answer = http2_->Await(stream);
  CurlResponse response;
  response.status = answer.status;
  response.version = CURL_HTTP_VERSION_2_0;
  response.headers = answer.headers;
  response.body = answer.body;
  if (!answer.ended) response.error = "the response does not end";
  return response;
}

CurlResponse CurlClient::Do(const CurlRequest& request) {
  if (request.http2 && request.ca_file.empty()) return DoHttp2(request);
  CURL* curl = curl_;
  CurlResponse response;
  curl_easy_reset(curl);
  std::string url = "http://" + address_ + request.path;
  if (!request.ca_file.empty()) {
    url = "https://localhost" + address_.substr(address_.rfind(':')) + request.path;
    curl_easy_setopt(curl, CURLOPT_CAINFO, request.ca_file.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  const long version = request.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1;
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, version);
  curl_slist* headers = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : request.headers) {
    headers = curl_slist_append(headers, (name + ": " + value).c_str());
  }
  Upload upload = {request.body};
  if (request.chunked) {
    headers = curl_slist_append(headers, "Transfer-Encoding: chunked");
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, OnCurlRead);
    curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
  } else if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (request.method == "POST" || !request.body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnCurlBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &response);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, OnCurlHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &response);
  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) response.error = curl_easy_strerror(code);
  long value = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &value);
  response.status = static_cast<int>(value);
  curl_easy_getinfo(curl, CURLINFO_HTTP_VERSION, &response.version);
  curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &value);
  opened_ += value;
  curl_slist_free_all(headers);
  return response;
}

Result<Principal> TestAuthenticator::Authenticate(const HeaderList& headers) {
  if (!needs_key_) return Principal();
  for (const auto& [name, value] : headers) {
    if (name != "authorization" || value.substr(0, 7) != "Bearer ") continue;
    const std::string key = value.substr(7);
    if (key != "ingest" && key != "read" && key != "admin") break;
    Principal principal;
    principal.key_id = key;
    principal.may_ingest = key != "read";
    principal.may_read = key != "ingest";
    principal.may_admin = key == "admin";
    return principal;
  }
  return Unauthenticated("cannot accept the request: no valid key");
}

TestCertificate::TestCertificate() {
  folder = std::filesystem::temp_directory_path() / "ao_net_XXXXXX";
  EXPECT_NE(mkdtemp(folder.data()), nullptr);
  certificate_file = folder + "/cert.pem";
  key_file = folder + "/key.pem";
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  EXPECT_NE(X509_sign(certificate, key, EVP_sha256()), 0);
  FILE* file = std::fopen(certificate_file.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

TestCertificate::~TestCertificate() {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

}  // namespace ao::net
