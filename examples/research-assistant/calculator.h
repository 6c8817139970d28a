#pragma once

#include <string_view>

// The value of an expression of numbers, + - * / and parentheses. Throws std::invalid_argument
// where it is none, and for a division by zero.
double calculate(std::string_view expression);
