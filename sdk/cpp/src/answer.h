#pragma once

#include <string>
#include <string_view>

#include "field_reader.h"
#include "observatory/transport.h"

namespace observatory::detail {

// What an Export...ServiceResponse says: all taken, some rejected, or a warning. `url` is for the
// message.
inline ExportResponse ReadExportAnswer(std::string_view body, const std::string& url) {
  ExportResponse response{.outcome = ExportResponse::Outcome::kAccepted};
  const std::string_view partial = FirstField(body, 1).bytes();
  response.rejected = FirstField(partial, 1).number();
  const std::string why(FirstField(partial, 2).bytes().substr(0, 200));
  if (response.rejected > 0) {
    response.message = url + " rejected " + std::to_string(response.rejected) + " records: " + why;
  } else if (!why.empty()) {
    response.message = url + " warns: " + why;
  }
  return response;
}

}  // namespace observatory::detail
