#include "bench/text_template.h"

#include <gtest/gtest.h>

#include <string>

namespace heat_scheduler {
namespace text_template_test {

// Returns the text with Index 7 and classes 3, or the message.
std::string Rendered(const std::string& text) {
  const absl::StatusOr<TextTemplate> parsed = TextTemplate::Parse(text, "t.yaml");
  if (!parsed.ok()) return std::string(parsed.status().message());
  const absl::StatusOr<std::string> rendered = parsed->Render({{"Index", 7}, {"classes", 3}});
  return rendered.ok() ? *rendered : std::string(rendered.status().message());
}

struct TemplateCase {
  const char* name;
  const char* text;
  const char* want;
};

class TextTemplateTest : public testing::TestWithParam<TemplateCase> {};

TEST_P(TextTemplateTest, Renders) { EXPECT_EQ(Rendered(GetParam().text), GetParam().want); }

INSTANTIATE_TEST_SUITE_P(
    Table, TextTemplateTest,
    testing::ValuesIn<TemplateCase>({
        {"Empty", "", ""},
        {"Constant", "a: {b: c}", "a: {b: c}"},
        {"Variable", "x{{.Index}}y", "x7y"},
        {"Blanks", "{{ .Index }}", "7"},
        {"TwoHoles", "{{.Index}}-{{.classes}}", "7-3"},
        {"Mod", "{{Mod .Index .classes}}", "1"},
        {"Add", "{{AddInt 1 .Index 10}}", "18"},
        {"Multiply", "{{MultiplyInt 2 .Index .classes}}", "42"},
        {"Subtract", "{{SubtractInt .classes .Index}}", "-4"},
        {"DivideTowardsZero", "{{DivideInt (SubtractInt 0 .Index) 2}}", "-3"},
        {"Nested", "{{AddInt 100 (Mod (MultiplyInt .Index 5) 4)}}m", "103m"},
        {"UnknownVariable", "{{.Indx}}", "t.yaml: there is no variable \"Indx\""},
        {"ByZero", "{{Mod 1 0}}", "t.yaml: division by zero"},
        {"Open", "a{{.Index", "t.yaml: {{ without }}"},
        {"UnknownFunction", "{{Log 1}}",
         "t.yaml: {{Log 1}}: want a variable, a number or a function of these at \"\""},
        {"TooFewArguments", "{{Mod 1}}",
         "t.yaml: {{Mod 1}}: want a variable, a number or a function of these at \"\""},
        {"Rest", "{{.Index 3}}",
         "t.yaml: {{.Index 3}}: want a variable, a number or a function of these at \"3\""},
        {"NoParenthesis", "{{AddInt (AddInt 1 2}}",
         "t.yaml: {{AddInt (AddInt 1 2}}: want a variable, a number or a function of these at "
         "\"\""},
    }),
    [](const auto& tested) { return tested.param.name; });

}  // namespace text_template_test
}  // namespace heat_scheduler
