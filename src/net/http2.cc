#include "net/http2.h"
namespace ao::net {
std::unique_ptr<Protocol> MakeHttp2(Connection&) { return nullptr; }
}  // namespace ao::net
