#pragma once

#include <string_view>

namespace ao::cli {

// "0.1.0", from the file VERSION.
std::string_view Version();
// Short hash of the commit that was built, "unknown" outside a repository.
std::string_view Commit();

}  // namespace ao::cli
