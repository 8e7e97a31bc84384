#!/usr/bin/env python3
"""Tests of the house rules: in a small good tree none fires; each bad file fires the rule that it breaks."""

import pathlib
import tempfile
import unittest

import tidy

HEADER = "// Says what it is for.\n#pragma once\n"
# A tree that keeps all rules.
GOOD = {
    "run": "usage() {\n  cat <<'EOF'\nusage: ./run VERB\n\n  test   run the tests\n  help   print this\nEOF\n}\n",
    "README.md": "# A tree\n\nSee [the base](base/a.h) and [below](#below-it).\n\n## Below it\n"
                 "`./run test`, then `base/a.h`, `plugins/*` and `pkg/elsewhere.go`.\n\n"
                 "```sh\nPORT=1 build/release/bin/heat-thing --help\n```\n",
    "tests/base/a_test.cc": "TEST(A, Holds) {}\nTEST_F(B, Breaks) {}\n",
    "tests/base/CMakeLists.txt": "heat_test(base_tests SOURCES a_test.cc)\n",
    "base/CMakeLists.txt": "heat_library(hs_base SOURCES a.cc)  # not b.cc\n",
    "base/a.h": HEADER,
    "base/a.cc": '#include "base/a.h"\n\n#include <chrono>\n\nauto now = std::chrono::system_clock::now();\n',
    "kube/k.h": HEADER + '#include "absl/status/status.h"\n#include "base/a.h"\n',
    "kube/client/c.h": HEADER + '#include "kube/k.h"\n',
    "plugins/one/p.h": HEADER + '#include "kube/k.h"\n// Not a call: absl::Now().\n',
    "plugins/two/p.h": HEADER,
    "policy/q.h": HEADER + '#include "plugins/one/p.h"\n',
    "cmd/heat-thing/CMakeLists.txt": "add_executable(heat-thing main.cc)\n",
    "cmd/heat-thing/main.cc": '#include "policy/q.h"\n',
}


class TidyTest(unittest.TestCase):
    def findings(self, changes):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in {**GOOD, **changes}.items():
                file = pathlib.Path(folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            return tidy.check(folder)

    def fires(self, path, text, *expected):
        """Expects "line rule" for a tree with that one file changed."""
        found = self.findings({path: text})
        self.assertEqual([f"{finding.line} {finding.rule}" for finding in found], list(expected), found)
        self.assertEqual({finding.path for finding in found}, {path} if expected else set())

    def test_good_tree_is_silent(self):
        self.assertEqual(self.findings({}), [])

    def test_include_direction(self):
        self.fires("base/a.h", HEADER + '#include "kube/k.h"\n', "3 include")
        self.fires("kube/k.h", HEADER + '#include "kube/client/c.h"\n', "3 include")
        self.fires("plugins/two/p.h", HEADER + '#include "plugins/one/p.h"\n', "3 include")
        self.fires("plugins/two/p.h", HEADER + '#include "policy/q.h"\n', "3 include")
        self.fires("policy/q.h", HEADER + '#include "kube/client/c.h"\n', "3 include")
        self.fires("policy/q.h", HEADER + '#include "kube/none.h"\n', "3 include")
        self.fires("policy/q.h", HEADER + '#include "q.h"\n', "3 include")
        self.fires("tests/x.h", HEADER + '#include "kube/client/c.h"\n')

    def test_left_over(self):
        for marker in ("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK", "GTEST_" + "SKIP"):
            self.fires("kube/k.h", HEADER + f"// {marker}: later.\n", "3 left-over")
        self.fires("kube/k.h", HEADER + "// DISABLED" + "_Slow\n", "3 left-over")
        self.fires("kube/k.h", HEADER + "// mktemp file.XX" + "XXXX\n")

    def test_header_form(self):
        self.fires("kube/k.h", "#pragma once\n", "1 header", "1 header")
        self.fires("kube/k.h", "// Says what it is for.\n#ifndef K\n#define K\n#endif\n", "1 header")

    def test_length(self):
        self.fires("docs/long.md", "line\n" * 600)
        self.fires("docs/long.md", "line\n" * 601, "601 length")

    def test_blanks(self):
        self.fires("docs/a.md", "one \ntwo\n", "1 blanks")
        self.fires("docs/a.md", "one", "1 blanks")
        self.fires("docs/a.md", "one\n\n", "3 blanks")

    def test_built(self):
        self.fires("base/b.cc", '#include "base/a.h"\n', "1 built")
        self.fires("base/CMakeLists.txt", "heat_library(hs_base SOURCES a.cc ../kube/k.cc)\n")

    def test_determinism(self):
        for call in ("std::chrono::steady_clock::now()", "absl::Now()", "time(nullptr)", "std::time(0)", "rand()",
                     "std::rand()", "std::random_device()", "sleep(1)", "std::this_thread::sleep_for(x)",
                     "absl::SleepFor(x)", "SystemClock()"):
            self.fires("kube/k.h", HEADER + f"auto x = {call};\n", "3 determinism")
        for harmless in ("loop.time(0)", "strand(x)", 'Say("rand()")', "x = 1; /* absl::Now() */", "timer(0)"):
            self.fires("kube/k.h", HEADER + f"{harmless};\n")

    def test_links(self):
        self.fires("docs/a.md", "[up](../README.md#below-it)\n")
        self.fires("docs/a.md", "[gone](b.md)\n", "1 link")
        self.fires("docs/a.md", "[no such part](../README.md#above)\n", "1 link")
        self.fires("docs/a.md", "[elsewhere](https://example.com/x)\n")

    def test_run_verbs(self):
        self.fires("docs/a.md", "`./run help`, or ./run fly\n", "1 verb")
        self.fires("docs/a.md", "```sh\n./run fly\n```\n", "2 verb")

    def test_programs(self):
        self.fires("docs/a.md", "```sh\nbuild/release/bin/heat-thing\n```\n")
        self.fires("docs/a.md", "```sh\nbuild/release/bin/other --x\n```\n", "2 program")
        self.fires("docs/a.md", "```sh\n$ A=1 heat-other --x\n```\n", "2 program")
        self.fires("docs/a.md", "```text\nheat-other: failed\n```\n")

    def test_paths(self):
        self.fires("docs/a.md", "`base/b.h`, `base/`, `base`, `./base/a.h`, `base/*.h`\n", "1 path")
        self.fires("docs/a.md", "`base/*.py` and `tests/<path>/x_test.cc`\n", "1 path")

    def test_named_tests(self):
        self.fires("docs/a.md", "`A.Holds`, `B.Breaks`, `PodSpec.Name`\n")
        self.fires("docs/a.md", "`A.Breaks`\n", "1 test")


if __name__ == "__main__":
    unittest.main()
