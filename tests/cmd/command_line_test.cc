#include "cmd/command_line.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace heat_scheduler {
namespace command_line_test {

// What became of a program with an option --count.
struct Outcome {
  int code = 0;
  int runs = 0;
  std::string errors;  // Lines on standard error.
};

Outcome RunCounter(std::vector<const char*> arguments, const absl::StatusOr<int>& result) {
  CLI::App app("Counts.", "counter");
  app.set_version_flag("--version", "counter 1");
  int count = 0;
  app.add_option("-c,--count", count);
  arguments.insert(arguments.begin(), "build/bin/counter");
  Outcome outcome;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  outcome.code = ParseAndRun(app, static_cast<int>(arguments.size()), arguments.data(), [&] {
    ++outcome.runs;
    return result;
  });
  testing::internal::GetCapturedStdout();
  outcome.errors = testing::internal::GetCapturedStderr();
  return outcome;
}

TEST(ParseAndRun, ExitCodeSaysWhatHappened) {
  const struct {
    const char* name;
    std::vector<const char*> arguments;
    absl::StatusOr<int> result;
    int code, runs;
  } kRows[] = {
      {"Ran", {"--count", "3"}, 0, 0, 1},
      {"RanWithItsOwnCode", {}, 7, 7, 1},
      {"Failed", {}, absl::NotFoundError("x"), 1, 1},
      {"Help", {"--help"}, 0, 0, 0},
      {"Version", {"--version"}, 0, 0, 0},
      {"UnknownFlag", {"--colour"}, 0, 2, 0},
      {"NoNumber", {"--count", "x"}, 0, 2, 0},
      {"Short", {"-c", "3"}, 0, 0, 1},
      {"ShortWithEquals", {"-c=3"}, 0, 0, 1},
      {"ShortWithEqualsNoNumber", {"-c=x"}, 0, 2, 0},
      {"ShortWithEqualsAlone", {"-c="}, 0, 2, 0},
      {"SurplusArgument", {"x"}, 0, 2, 0},
  };
  for (const auto& row : kRows) {
    const Outcome outcome = RunCounter(row.arguments, row.result);
    EXPECT_EQ(outcome.code, row.code) << row.name;
    EXPECT_EQ(outcome.runs, row.runs) << row.name;
    EXPECT_EQ(outcome.errors.empty(), row.code != 1 && row.code != 2) << row.name;
  }
}

TEST(ParseAndRun, ValueOfAShortOptionMayStandBehindEquals) {
  CLI::App app("Shows.", "shower");
  std::string text;
  app.add_option("-t,--text", text);
  const struct {
    const char* name;
    std::vector<const char*> arguments;
    const char* text;
  } kRows[] = {
      {"Apart", {"shower", "-t", "a=b"}, "a=b"},
      {"Attached", {"shower", "-ta=b"}, "a=b"},
      {"Equals", {"shower", "-t=a=b"}, "a=b"},
      {"Long", {"shower", "--text=a=b"}, "a=b"},
  };
  for (const auto& row : kRows) {
    text.clear();
    EXPECT_EQ(ParseAndRun(app, static_cast<int>(row.arguments.size()), row.arguments.data(),
                          [] { return absl::StatusOr<int>(0); }),
              0)
        << row.name;
    EXPECT_EQ(text, row.text) << row.name;
  }
}

TEST(ParseAndRun, ErrorStandsBehindTheProgramsName) {
  EXPECT_EQ(RunCounter({}, absl::NotFoundError("no such file")).errors, "counter: no such file\n");
}

}  // namespace command_line_test
}  // namespace heat_scheduler
