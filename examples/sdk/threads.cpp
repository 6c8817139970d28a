// The context in threads and callbacks: what is captured stays the parent.
#include <observatory/observatory.h>

#include <future>
#include <vector>

using namespace observatory;

int main() {
  configure({.service_name = "threads"});
  auto run = agent_run("fan-out");
  std::vector<std::future<void>> work;
  for (const char* source : {"news", "papers", "wiki"}) {
    work.push_back(std::async(std::launch::async, bind_context([source] {
      auto search = retrieval("tea", {.source = source});
      search.set_documents({{"d1", "1", "...", 0.5}});
    })));
  }
  for (auto& each : work) each.get();
}
