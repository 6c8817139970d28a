#!/usr/bin/env python3
"""Every checker must find a planted violation and accept a clean tree."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"


class CheckerTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.directory.name)
        self.write("tools/layers.txt", "base 0\nmodel 1\nnet 4\ningest 4 net\n")

    def tearDown(self):
        self.directory.cleanup()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_tool(self, tool, *arguments):
        done = subprocess.run([sys.executable, "-B", str(TOOLS / tool), str(self.root), *arguments],
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def assert_clean(self, tool):
        code, output = self.run_tool(tool)
        self.assertEqual(code, 0, output)

    def assert_finds(self, tool, text):
        code, output = self.run_tool(tool)
        self.assertEqual(code, 1, output)
        self.assertIn(text, output)

    def test_layers_allow_lower_layers_and_listed_siblings(self):
        self.write("src/ingest/a.cc", '#include "base/x.h"\n#include "net/y.h"\n')
        self.assert_clean("check_layers")

    def test_layers_refuse_upper_layers(self):
        self.write("src/base/a.h", '#include "model/x.h"\n')
        self.assert_finds("check_layers", "src/base/a.h:1: module `base` (layer 0)")

    def test_layers_refuse_siblings_that_are_not_listed(self):
        self.write("src/net/a.h", '#include "ingest/x.h"\n')
        self.assert_finds("check_layers", "may not include")

    def test_layers_refuse_internal_headers_and_relative_paths(self):
        self.write("src/net/a.h", '#include "base/internal/x.h"\n')
        self.assert_finds("check_layers", "internal to `base`")
        self.write("src/net/a.h", '#include "../base/x.h"\n')
        self.assert_finds("check_layers", "by its path from src/")

    def test_layers_refuse_unlisted_modules(self):
        self.write("src/odd/a.h", '#include "base/x.h"\n')
        self.assert_finds("check_layers", "`odd` is not in tools/layers.txt")

    def test_layers_debt_is_allowed_until_paid(self):
        self.write("src/base/a.h", '#include "model/x.h"\n')
        layers = (self.root / "tools/layers.txt").read_text()
        self.write("tools/layers.txt", layers + "debt src/base/a.h model/x.h\n")
        self.assert_clean("check_layers")
        self.write("src/base/a.h", "\n")
        self.assert_finds("check_layers", "is paid")

    def test_include_cost_knows_the_owners(self):
        self.write("src/net/server.cc", "#include <boost/beast/http.hpp>\n")
        self.write("src/config/yaml_file.cc", "#include <yaml-cpp/yaml.h>\n")
        self.assert_clean("check_include_cost")
        self.write("src/api/rest.cc", "#include <boost/beast/http.hpp>\n")
        self.assert_finds("check_include_cost", "src/api/rest.cc:1")

    def test_include_cost_keeps_headers_light(self):
        self.write("src/net/server.h", "#pragma once\n#include <boost/asio.hpp>\n")
        self.write("src/api/user.cc", '#include "net/server.h"\n')
        self.assert_finds("check_include_cost", "src/api/user.cc includes it")
        self.write("src/api/user.cc", "\n")
        self.assert_clean("check_include_cost")

    def test_file_size_ratchet_only_shrinks(self):
        self.write("src/a.cc", "x\n" * 800)
        self.assert_finds("check_file_size", "split it by concern")
        self.write("tools/file_size_ratchet.txt", "src/a.cc 850\n")
        self.assert_clean("check_file_size")
        self.assertEqual(self.run_tool("check_file_size", "--update")[0], 0)
        self.assertIn("src/a.cc 800", (self.root / "tools/file_size_ratchet.txt").read_text())
        self.write("src/a.cc", "x\n" * 801)
        self.assert_finds("check_file_size", "grew beyond its ratchet of 800")
        self.write("src/a.cc", "x\n" * 1201)
        self.assert_finds("check_file_size", "hard limit")

    def test_file_size_exempts_generated_files(self):
        self.write("src/a.cc", "// Generated.\n" + "x\n" * 2000)
        self.assert_clean("check_file_size")

    def test_docs_links_and_anchors(self):
        self.write("README.md", "[a](docs/a.md#some-part) [b](https://example.com)\n")
        self.write("docs/a.md", "# A\n## Some part\n")
        self.assert_clean("check_docs")
        self.write("README.md", "[a](docs/b.md)\n")
        self.assert_finds("check_docs", "docs/b.md: no such file")
        self.write("README.md", "[a](docs/a.md#other)\n")
        self.assert_finds("check_docs", "no such heading")

    def test_docs_commands_exist(self):
        self.write("docs/cli.md", "### runs\n### run show\n")
        self.write("dev", "cmd_setup() {\n}\ncmd_demo() {\n}\n")
        self.write("README.md", "```sh\n./dev demo\nobservatory runs\nobservatory run show x\n```\n")
        self.assert_clean("check_docs")
        self.write("README.md", "```sh\nobservatory rnus\n```\n")
        self.assert_finds("check_docs", "observatory rnus")
        self.write("README.md", "```sh\n./dev dmo\n```\n")
        self.assert_finds("check_docs", "./dev dmo")

    def test_docs_forbid_machine_paths(self):
        self.write("README.md", "see /home/someone/file\n")
        self.assert_finds("check_docs", "a path of one machine")

    def test_changelog_fragments(self):
        self.write("changelog.d/otlp-server.feature.md", "ingest: OTLP over gRPC and HTTP.\n")
        self.assert_clean("check_changelog")
        self.write("changelog.d/thing.md", "x: y\n")
        self.assert_finds("check_changelog", "name it <slug>")
        (self.root / "changelog.d/thing.md").unlink()
        self.write("changelog.d/otlp-server.feature.md", "No area\n")
        self.assert_finds("check_changelog", "begin with the area")


if __name__ == "__main__":
    unittest.main()
