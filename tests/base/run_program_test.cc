#include "base/run_program.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "base/numbers.h"

namespace heat_scheduler {
namespace run_program_test {

absl::StatusOr<std::string> Shell(const std::string& script,
                                  absl::Duration timeout = absl::Minutes(1)) {
  return RunProgram({"sh", {"-c", script}, {{"GREETING", "hello"}, {"HOME", "/nowhere"}}}, timeout,
                    {});
}

TEST(RunProgram, ReturnsWhatIsPrinted) {
  EXPECT_EQ(Shell("printf a; printf b").value(), "ab");
  EXPECT_EQ(Shell("true").value(), "");
  EXPECT_EQ(Shell("head -c 300000 /dev/zero").value().size(), 300000u);
}

TEST(RunProgram, SetsAndReplacesVariables) {
  EXPECT_EQ(Shell("printf \"$GREETING $HOME ${PATH:+path}\"").value(), "hello /nowhere path");
}

TEST(RunProgram, GivesNothingToRead) { EXPECT_EQ(Shell("cat").value(), ""); }

// Whatever the program leaves behind with its output open is not waited for.
TEST(RunProgram, WaitsForTheProgramAlone) {
  const std::string output = Shell("sleep 1000 & echo $!").value();
  const auto left_behind = ParseInt64(output.substr(0, output.size() - 1));
  ASSERT_TRUE(left_behind.has_value()) << output;
  EXPECT_EQ(kill(static_cast<pid_t>(*left_behind), SIGKILL), 0);
}

TEST(RunProgram, EndsWhatIsLate) {
  const absl::Status status = Shell("sleep 1000; echo late", absl::Milliseconds(50)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(status.message(), "\"sh\" took longer than 50ms");
  // That it has closed its output makes no difference.
  EXPECT_EQ(Shell("exec >&-; sleep 1000", absl::Milliseconds(50)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST(RunProgram, EndsWhatNobodyWaitsForAnyMore) {
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(RunProgram({"sleep", {"1000"}, {}}, absl::Hours(1), source.get_token()).status().code(),
            absl::StatusCode::kCancelled);
}

struct BadRow {
  const char* name;
  Program program;
  absl::StatusCode code;
  const char* message;
};

class RunProgramBad : public testing::TestWithParam<BadRow> {};

TEST_P(RunProgramBad, NamesIt) {
  const absl::Status status = RunProgram(GetParam().program, absl::Minutes(1), {}).status();
  EXPECT_EQ(status.code(), GetParam().code);
  EXPECT_EQ(status.message(), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All, RunProgramBad,
    testing::Values(
        BadRow{"NotInPath",
               {"no-such-program-here", {}, {}},
               absl::StatusCode::kNotFound,
               "cannot start \"no-such-program-here\": it was not found; install it, or put its "
               "folder into PATH"},
        BadRow{"NotThere",
               {"/no/such/program", {}, {}},
               absl::StatusCode::kNotFound,
               "cannot start \"/no/such/program\": it was not found; install it, or put its "
               "folder into PATH"},
        BadRow{"NoProgram",
               {"/etc/passwd", {}, {}},
               absl::StatusCode::kPermissionDenied,
               "cannot start \"/etc/passwd\": it may not be executed"},
        BadRow{"Status",
               {"sh", {"-c", "echo half; exit 3"}, {}},
               absl::StatusCode::kFailedPrecondition,
               "\"sh\" ended with status 3"},
        BadRow{"Signal",
               {"sh", {"-c", "kill -9 $$"}, {}},
               absl::StatusCode::kFailedPrecondition,
               "\"sh\" was ended by signal 9"},
        BadRow{"TooMuch",
               {"yes", {}, {}},
               absl::StatusCode::kResourceExhausted,
               "\"yes\" printed more than 1048576 bytes"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace run_program_test
}  // namespace heat_scheduler
