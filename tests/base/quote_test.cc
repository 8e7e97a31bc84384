#include "base/quote.h"

#include <gtest/gtest.h>

namespace heat_scheduler {
namespace quote_test {

TEST(Quoted, EscapesWhatCouldForgeALog) {
  EXPECT_EQ(Quoted("plain text"), "\"plain text\"");
  EXPECT_EQ(Quoted("a\n\"b\"\x1b[31m"), "\"a\\n\\\"b\\\"\\033[31m\"");
  EXPECT_EQ(Quoted("\u00e9"), "\"\\303\\251\"");
  EXPECT_EQ(Quoted(std::string_view("\0", 1)), "\"\\000\"");
}

TEST(Quoted, CutsAfter64Bytes) {
  EXPECT_EQ(Quoted(std::string(64, 'x')), "\"" + std::string(64, 'x') + "\"");
  EXPECT_EQ(Quoted(std::string(65, 'x')), "\"" + std::string(64, 'x') + "...\"");
}

TEST(Printable, LeavesNothingThatATerminalObeys) {
  EXPECT_EQ(Printable("a \"b\" \\ ~"), "a \"b\" \\ ~");
  EXPECT_EQ(Printable("a\n\x1b[31m\x7f\u00e9"), "a\\x0a\\x1b[31m\\x7f\\xc3\\xa9");
}

}  // namespace quote_test
}  // namespace heat_scheduler
