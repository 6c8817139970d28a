#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

// Answers as text that reads well in a case and in a diff. Pure.

namespace ao::cases {

// Rows of a SQL answer (each a JSON array) under their names, in aligned columns. Null and the
// empty text are "-"; line ends inside a cell are written as "\n".
Result<std::string> RenderTable(const std::vector<std::string>& names,
                                const std::vector<std::string>& json_rows);

// JSON with two blanks of indentation; arrays and objects that fit a line stay on one. With
// `pointers` only these parts of it, one after the other, each after its name; "*" in a pointer
// stands for every element of an array.
Result<std::string> RenderJson(std::string_view json, const std::vector<std::string>& pointers);

}  // namespace ao::cases
