#include "kube/yaml_writer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "kube/yaml.h"

namespace heat_scheduler::kube {
namespace yaml_writer_test {

using nlohmann::json;

TEST(WriteYaml, WritesBlocksAsKubectlDoes) {
  EXPECT_EQ(WriteYaml(json::parse(R"({
      "kind": "K", "empty": {}, "none": [], "null": null, "number": 1.5, "on": true, "whole": 20.0,
      "profiles": [{"name": "a", "sets": {"enabled": [{"name": "X", "weight": 3}, {"name": "Y"}]}},
                   ["p", ["q", "r"]], "text", {}]})")),
            "empty: {}\n"
            "kind: K\n"
            "none: []\n"
            "\"null\": null\n"
            "number: 1.5\n"
            "\"on\": true\n"
            "profiles:\n"
            "- name: a\n"
            "  sets:\n"
            "    enabled:\n"
            "    - name: X\n"
            "      weight: 3\n"
            "    - name: \"Y\"\n"
            "- - p\n"
            "  - - q\n"
            "    - r\n"
            "- text\n"
            "- {}\n"
            "whole: 20\n");
  EXPECT_EQ(WriteYaml(json::object()), "{}\n");
}

TEST(WriteYaml, QuotesWhatCouldBeTakenForAnythingButText) {
  for (const char* text :
       {"",     "true", "no", "Off",  "~",    "null", "12",   "0x1f", "1e3", "1_000", ".5",
        ".inf", "- a",  "-",  "a: b", "a #b", "*",    "&a",   "!x",   "[",   "{",     "a\nb",
        "\"",   "'",    "  ", "=",    "<<",   "010",  "1:30", "--- ", "...", "\t"}) {
    const json value = {{"key", text}, {text, 1}};
    const auto read = ParseYaml(WriteYaml(value), "test");
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->at(0), value) << WriteYaml(value);
  }
}

json AnyValue(int depth) {
  const int kind = *rc::gen::inRange(0, depth > 0 ? 7 : 5);
  // Any text, as valid UTF-8.
  const auto text = [] {
    std::string escaped;
    AppendJsonEscaped(escaped, *rc::gen::arbitrary<std::string>());
    return json::parse('"' + escaped + '"').get<std::string>();
  };
  switch (kind) {
    case 0:
      return nullptr;
    case 1:
      return *rc::gen::arbitrary<bool>();
    case 2:
      return *rc::gen::arbitrary<std::int64_t>();
    case 3:
      return *rc::gen::element<std::string>("a", "nerdalize/temp", "5m", "yes", "1.0", "NodeName");
    case 4:
      return text();
    default:
      break;
  }
  json value = kind == 5 ? json::array() : json::object();
  const int size = *rc::gen::inRange(0, 4);
  for (int i = 0; i < size; ++i) {
    if (kind == 5) {
      value.push_back(AnyValue(depth - 1));
    } else {
      value[text()] = AnyValue(depth - 1);
    }
  }
  return value;
}

RC_GTEST_PROP(WriteYaml, IsReadAsWhatWasWritten, ()) {
  const json value = {{"a", AnyValue(4)}, {"b", AnyValue(4)}};
  const auto read = ParseYaml(WriteYaml(value), "test");
  RC_ASSERT(read.ok());
  RC_ASSERT(read->size() == 1u);
  RC_ASSERT(read->front() == value);
}

}  // namespace yaml_writer_test
}  // namespace heat_scheduler::kube
