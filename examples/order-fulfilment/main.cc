// Order fulfilment: checks the stock, finds the cheapest carrier, reserves, and answers the
// customer.
#include <fmt/format.h>

#include "agentkit/tool_agent.h"

using agentkit::json;

namespace {

constexpr char kInstructions[] =
    "You handle orders. Check stock and carriers, reserve what can be sent, and answer with "
    "'Decision: shipped.', 'Decision: backorder.' or 'Decision: escalated.' and a short message.";

class Warehouse {
 public:
  Warehouse() { load_stock("stock.csv"); }

  std::vector<agentkit::ToolSpec> tools() {
    return {{"check_stock",
             "How many of an item are there",
             {{"item", "its name"}},
             [this](const json& a) { return check_stock(a.at("item")); }},
            {"ship_quote",
             "The cheapest way to send",
             {{"item", ""}, {"quantity", ""}, {"city", ""}},
             [this](const json& a) { return ship_quote(a.at("item"), quantity(a), a.at("city")); }},
            {"reserve",
             "Reserves items for an order",
             {{"item", ""}, {"quantity", ""}},
             [this](const json& a) { return reserve(a.at("item"), quantity(a)); }}};
  }
  agentkit::Commands commands() {
    return {{"load_stock", [this](const auto& file) { load_stock(file); }},
            {"quote_in_cents", agentkit::flag(&in_cents_)},
            {"stop_carriers", agentkit::flag(&carriers_are_down_)}};
  }

 private:
  void load_stock(const std::string& file) {
    stock_ = agentkit::read_table(agentkit::program_folder() + "/data/" + file);
  }
  static int quantity(const json& arguments) {
    return static_cast<int>(agentkit::number(arguments, "quantity"));
  }

  std::string check_stock(const std::string& item) const {
    const auto& row = row_of(item);
    return json{{"item", item}, {"on_hand", std::stoi(row.at("on_hand"))}}.dump();
  }

  // The cheapest carrier for the weight of the whole order.
  std::string ship_quote(const std::string& item, int quantity, const std::string& city) const {
    if (carriers_are_down_) throw std::runtime_error("carrier service: 502 Bad Gateway");
    const double weight = quantity * std::stod(row_of(item).at("weight_kg"));
    json best;
    for (const auto& row : carriers_) {
      if (row.at("city") != city) continue;
      const double eur = std::stod(row.at("base_eur")) + weight * std::stod(row.at("eur_per_kg"));
      const double price = in_cents_ ? 100 * eur : eur;
      if (best.is_null() || price < best["price"].get<double>()) {
        best = {
            {"carrier", row.at("carrier")}, {"price", price}, {"days", std::stoi(row.at("days"))}};
      }
    }
    if (best.is_null()) throw std::invalid_argument("no carrier goes to " + city);
    best["price"] = fmt::format("{:.2f}", best["price"].get<double>());
    return best.dump();
  }

  std::string reserve(const std::string& item, int quantity) {
    const int on_hand = std::stoi(row_of(item).at("on_hand"));
    if (quantity > on_hand) throw std::runtime_error(fmt::format("only {} left", on_hand));
    return json{{"reservation", fmt::format("R{:05}", ++reservations_)}}.dump();
  }

  using Table = std::vector<std::map<std::string, std::string>>;
  const std::map<std::string, std::string>& row_of(const std::string& item) const {
    for (const auto& row : stock_) {
      if (row.at("item") == item) return row;
    }
    throw std::invalid_argument("there is no item " + item);
  }

  Table stock_, carriers_ = agentkit::read_table(agentkit::program_folder() + "/data/carriers.csv");
  bool carriers_are_down_ = false, in_cents_ = false;
  int reservations_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return agentkit::run_tool_agent<Warehouse>(
      argc, argv,
      {.service = "order-fulfilment", .version = "3.0.2", .instructions = kInstructions});
}
