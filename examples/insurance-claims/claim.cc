#include "insurance-claims/claim.h"

#include <stdexcept>
#include <string_view>

#include "agentkit/jobs.h"

namespace claims {

namespace {

// Takes what stands before `end` off the text; throws when that is not there.
std::string take_until(const std::string& end, std::string_view* text) {
  const size_t at = text->find(end);
  if (at == std::string_view::npos) throw std::invalid_argument("no '" + end + "'");
  std::string taken(text->substr(0, at));
  text->remove_prefix(at + end.size());
  return taken;
}

}  // namespace

json read_claim(const std::string& text) {
  try {
    std::string_view rest = text;
    take_until("Claim ", &rest);
    json claim = {{"text", text}};
    claim["id"] = take_until(" by ", &rest);
    claim["claimant"] = take_until(", policy ", &rest);
    claim["policy"] = take_until(": ", &rest);
    claim["type"] = take_until(", ", &rest);
    claim["damage"] = take_until(", estimate ", &rest);
    claim["estimate"] = std::stoi(take_until(" EUR", &rest));
    return claim;
  } catch (const std::exception& error) {
    throw std::invalid_argument("this is no claim: '" + text + "': " + error.what());
  }
}

json finding(const json& claim, const std::string& role) {
  return claim.value("findings", json::object()).value(role, json());
}

std::string failure(const json& claim, const std::string& role) {
  return claim.value("failed", json::object()).value(role, "");
}

int64_t total(const json& claim, const std::string& figure) {
  int64_t sum = 0;
  for (const json& found : claim.value("findings", json::object())) {
    sum += found.value(figure, int64_t{0});
  }
  return sum;
}

std::string described(const json& claim) { return claim.at("text").get<std::string>() + "\n"; }

std::string data_file(const std::string& name) {
  return agentkit::program_folder() + "/data/" + name;
}

}  // namespace claims
