#include "cost/catalogue.h"
#include "cost/supplement.h"

// The data files that the assembler includes (embedded.S).

extern "C" {
extern const char ao_cost_catalogue[], ao_cost_catalogue_end[];
extern const char ao_cost_supplement[], ao_cost_supplement_end[];
}

namespace ao::cost {

std::string_view Catalogue::EmbeddedJson() {
  return {ao_cost_catalogue, static_cast<size_t>(ao_cost_catalogue_end - ao_cost_catalogue)};
}

std::string_view Supplement::EmbeddedJson() {
  return {ao_cost_supplement, static_cast<size_t>(ao_cost_supplement_end - ao_cost_supplement)};
}

}  // namespace ao::cost
