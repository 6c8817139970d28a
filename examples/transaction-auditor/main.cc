// A transaction auditor: compares a payment with the history of its account and its payee with a
// watch list, and clears it or holds it.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "agentkit/tool_agent.h"

using agentkit::json;

namespace {

constexpr char kInstructions[] =
    "You audit payments. Use account_history and watchlist for each. Answer with 'Decision: "
    "cleared.' or 'Decision: held.' and the reason for the file.";

// How many letters differ (Levenshtein 1966), so that misspelt names are found.
size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row.back();
}

class Records {
 public:
  std::vector<agentkit::ToolSpec> tools() {
    return {{"account_history",
             "What the account usually pays",
             {{"account", "its number"}},
             [this](const json& a) { return account_history(a.at("account")); }},
            {"watchlist",
             "Listed names that are near",
             {{"name", "of the payee"}},
             [this](const json& a) { return watchlist(a.at("name")); }}};
  }
  agentkit::Commands commands() {
    return {{"empty_watchlist", agentkit::flag(&watchlist_is_empty_)},
            {"in_cents", agentkit::flag(&in_cents_)},
            {"stop_watchlist", agentkit::flag(&watchlist_is_down_)}};
  }

 private:
  std::string account_history(const std::string& account) const {
    for (const auto& row : accounts_) {
      if (row.at("account") != account) continue;
      const int factor = in_cents_ ? 100 : 1;
      return json{{"payments", std::stoi(row.at("payments"))},
                  {"usual", factor * std::stoi(row.at("mean_eur"))},
                  {"highest", factor * std::stoi(row.at("max_eur"))}}
          .dump();
    }
    throw std::invalid_argument("there is no account " + account);
  }

  std::string watchlist(const std::string& name) const {
    if (watchlist_is_down_) throw std::runtime_error("watch list: timed out after 5000 ms");
    json hits = json::array();
    for (const auto& row : watchlist_) {
      const size_t distance = edit_distance(name, row.at("name"));
      if (watchlist_is_empty_ || distance > 2) continue;
      hits.push_back(
          {{"listed", row.at("name")}, {"why", row.at("reason")}, {"distance", distance}});
    }
    return hits.dump();
  }

  using Table = std::vector<std::map<std::string, std::string>>;
  Table accounts_ = agentkit::read_table(agentkit::program_folder() + "/data/accounts.csv");
  Table watchlist_ = agentkit::read_table(agentkit::program_folder() + "/data/watchlist.csv");
  bool watchlist_is_empty_ = false, watchlist_is_down_ = false, in_cents_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  return agentkit::run_tool_agent<Records>(
      argc, argv,
      {.service = "transaction-auditor", .version = "2.3.0", .instructions = kInstructions});
}
