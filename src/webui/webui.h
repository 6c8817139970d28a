#pragma once

#include "net/http_server.h"

// The web UI: static files under "/", and index.html for every other path that a browser opens,
// so that the UI can have URLs of its own. Paths of the protocols and APIs are left alone.

namespace ao::webui {

// Adds the routes; call before `server.Start()`.
void Register(net::HttpServer& server);

}  // namespace ao::webui
