#!/usr/bin/env python3
"""Writes a C++ file with every ```cpp block of a Markdown file as a function of its own.

usage: snippets.py MARKDOWN OUTPUT
"""
import re
import sys

PREAMBLE = """// generated
#include <observatory/observatory.h>

#include <functional>
#include <string>

namespace {
[[maybe_unused]] std::string load_policy(const std::string& name, int) { return name; }
struct Pool {
  void post(const std::function<void()>&) {}
};
[[maybe_unused]] Pool pool;
[[maybe_unused]] void http_post(const std::string&, const observatory::Propagator::Pairs&,
                                const std::string&) {}
[[maybe_unused]] const std::string url, body;
[[maybe_unused]] const observatory::Propagator::Pairs headers;
"""


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    blocks = re.findall(r"^```cpp\n(.*?)^```", text, re.S | re.M)
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        out.write(PREAMBLE)
        for number, block in enumerate(blocks):
            out.write(f"[[maybe_unused]] void Snippet{number}() {{\n{block}}}\n")
        out.write("}  // namespace\n")


if __name__ == "__main__":
    main()
