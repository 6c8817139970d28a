#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "cost/pricer.h"

// The prices of a data directory: the catalogue (`prices.json` there, else the one inside the
// program), what users set (a table in observatory.db), and what cost.prices_file says. Every
// change makes a new PriceBook for everyone who holds the pricer. Thread-safe.

struct sqlite3;

namespace ao::prices {

class PriceStore {
 public:
  struct Options {
    std::string data_dir;
    std::string prices_file;  // cost.prices_file; empty: none
  };
  // Makes directory, database and table as needed. invalid_argument when a file cannot be
  // understood: the server does not start with prices that the user did not mean.
  static Result<std::unique_ptr<PriceStore>> Open(const Options& options, FileSystem& fs);
  ~PriceStore();
  PriceStore(const PriceStore&) = delete;
  PriceStore& operator=(const PriceStore&) = delete;

  const cost::Pricer& pricer() const { return pricer_; }
  // The catalogue is not the one inside the program.
  bool catalogue_replaced() const;

  // Of one project: those set for it, then those of the file that hold for it.
  std::vector<cost::Override> List(std::string_view project) const;
  // Replaces the price of the same (project, provider, model, from). Synced when it returns.
  Status Put(cost::Override price);
  // not_found when no such price was set.
  Status Remove(const cost::Override& price);
  // Keeps `json` in the data directory when it is a catalogue; invalid_argument otherwise.
  Status ReplaceCatalogue(std::string_view json);
  // Back to the one inside the program.
  Status ResetCatalogue();

 private:
  PriceStore(Options options, FileSystem& fs, std::shared_ptr<const cost::PriceBook> embedded);
  Status OpenDatabase();
  Status ReadFiles();
  Result<std::vector<cost::Override>> ReadTable();
  Status Rebuild();
  Status DatabaseError(std::string_view what) const;
  std::string CataloguePath() const { return options_.data_dir + "/prices.json"; }

  const Options options_;
  FileSystem& fs_;
  const std::shared_ptr<const cost::PriceBook> embedded_;
  mutable std::mutex mutex_;  // guards what follows
  sqlite3* database_ = nullptr;
  std::shared_ptr<const cost::Catalogue> catalogue_;  // from the data directory; null: embedded
  std::vector<cost::Override> file_prices_;
  cost::Pricer pricer_;
};

}  // namespace ao::prices
