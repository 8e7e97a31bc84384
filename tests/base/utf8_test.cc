#include "base/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace heat_scheduler {
namespace utf8_test {

TEST(IsUtf8, TakesWellFormedTextAlone) {
  const struct {
    const char* name;
    std::string_view text;
    bool expected;
  } kRows[] = {
      {"Empty", "", true},
      {"Nul", std::string_view("a\0b", 3), true},
      {"LastOfEachLength", "\x7f\xdf\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf", true},
      {"FirstOfEachLength", "\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80", true},
      {"BesideSurrogates", "\xed\x9f\xbf\xee\x80\x80", true},
      {"Latin1", "caf\xe9", false},
      {"Continuation", "a\x80", false},
      {"OverlongTwo", "\xc1\xbf", false},
      {"OverlongThree", "\xe0\x9f\xbf", false},
      {"OverlongFour", "\xf0\x8f\xbf\xbf", false},
      {"FirstSurrogate", "\xed\xa0\x80", false},
      {"LastSurrogate", "\xed\xbf\xbf", false},
      {"PastTheEnd", "\xf4\x90\x80\x80", false},
      {"NoFirstByte", "\xff", false},
      {"CutShort", "ab\xf0\x9f\x94", false},
      {"Interrupted", "\xe2\x80z", false},
  };
  for (const auto& row : kRows) EXPECT_EQ(IsUtf8(row.text), row.expected) << row.name;
}

TEST(Utf8Prefix, EndsWhereACharacterEnds) {
  const struct {
    const char* name;
    std::string_view text;
    std::size_t max;
    std::string_view expected;
  } kRows[] = {
      {"Short", "abc", 3, "abc"},
      {"Ascii", "abcd", 3, "abc"},
      {"InsideTwoBytes", "ab\xc2\xb0", 3, "ab"},
      {"BehindTwoBytes", "ab\xc2\xb0z", 4, "ab\xc2\xb0"},
      {"InsideFourBytes", "a\xf0\x9f\x94\xa5", 4, "a"},
      {"NothingFits", "\xf0\x9f\x94\xa5", 2, ""},
      {"NoUtf8", "a\x80\x80\x80\x80\x80", 5, "a\x80\x80\x80\x80"},
      {"Zero", "abc", 0, ""},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(Utf8Prefix(row.text, row.max), row.expected) << row.name;
  }
}

TEST(AppendJsonEscaped, LeavesOneQuotedValueOnOneLine) {
  const struct {
    const char* name;
    std::string_view text, expected;
  } kRows[] = {
      {"Plain", "31.5 \xc2\xb0 \xf0\x9f\x94\xa5", "31.5 \xc2\xb0 \xf0\x9f\x94\xa5"},
      {"QuoteAndBackslash", "a\"b\\", "a\\\"b\\\\"},
      {"Controls", std::string_view("\n\t\r\0\x1b\x7f", 6), "\\n\\t\\u000d\\u0000\\u001b\\u007f"},
      {"WideControls", "\xc2\x85\xe2\x80\xa8\xe2\x80\xa9", "\\u0085\\u2028\\u2029"},
      {"Overlong", "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"Surrogate", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"CutShort", "a\xe2\x80", "a\xef\xbf\xbd\xef\xbf\xbd"},
      {"PastTheEnd", "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
  };
  for (const auto& row : kRows) {
    std::string out = "x";
    AppendJsonEscaped(out, row.text);
    EXPECT_EQ(out, "x" + std::string(row.expected)) << row.name;
  }
}

}  // namespace utf8_test
}  // namespace heat_scheduler
