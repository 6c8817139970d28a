// One service of a chain over HTTP, for tests of traces that cross languages.
//
//   hop serve            prints its port; POST /hop continues the trace; ends with its input
//   hop start URL...     begins a trace with baggage, and goes along the URLs
//
// The body of a request is the rest of the way: URLs between blanks. The answer is a line for each
// service: language, trace id, baggage member user.id and tracestate, as it got them.
#include <httplib.h>
#include <observatory/observatory.h>

#include <iostream>
#include <thread>

namespace {

using observatory::Context;
using observatory::Propagator;

std::string Line() {
  const observatory::SpanContext& span = Context::current().span_context();
  return "cpp " + span.trace_id().hex() + " " +
         std::string(Context::current().baggage_value("user.id")) + " " +
         std::string(span.trace_state()) + "\n";
}

// Asks the first URL of the way; the rest goes along with it.
std::string Forward(const std::string& way) {
  if (way.empty()) return {};
  const size_t blank = std::min(way.find(' '), way.size());
  const std::string url = way.substr(0, blank), rest = way.substr(std::min(blank + 1, way.size()));
  auto work = observatory::delegate("next", {.task_type = "hop"});
  httplib::Headers headers;
  for (const auto& [name, value] : work.headers()) headers.emplace(name, value);
  const size_t path = url.find('/', url.find("://") + 3);
  httplib::Client client(url.substr(0, path));
  const auto answer = client.Post(url.substr(path), headers, rest, "text/plain");
  if (!answer || answer->status != 200) {
    work.fail("http", "no answer from " + url);
    return "failed " + url + "\n";
  }
  work.set_status("completed");
  return answer->body;
}

void Hop(const httplib::Request& request, httplib::Response& response) {
  Propagator::Pairs headers(request.headers.begin(), request.headers.end());
  const auto execution =
      observatory::execute("hop-cpp", {.parent = Propagator().extract_headers(headers)});
  const std::string line = Line();
  response.set_content(line + Forward(request.body), "text/plain");
}

int Serve() {
  httplib::Server server;
  server.Post("/hop", Hop);
  std::cout << server.bind_to_any_port("127.0.0.1") << std::endl;
  std::thread listener([&] { server.listen_after_bind(); });
  std::string ignored;
  while (std::getline(std::cin, ignored)) {
  }
  server.stop();
  listener.join();
  return 0;
}

int Start(const std::string& way) {
  const observatory::Scope scope(Context::current().with_baggage("user.id", "grüße=u-1"));
  auto run = observatory::agent_run("hop-cpp", {.input = way});
  const std::string line = Line();
  std::cout << line << Forward(way);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  observatory::configure({.service_name = "hop-cpp"});
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "serve") return Serve();
  std::string way;
  for (int i = 2; i < argc; ++i) way += (i > 2 ? " " : "") + std::string(argv[i]);
  return mode == "start" ? Start(way) : 2;
}
