#include "scheduler/framework/verdict.h"

#include "gtest/gtest.h"

namespace heat_scheduler {
namespace verdict_test {

TEST(CodeName, IsKubeSchedulersWord) {
  EXPECT_EQ(CodeName(Code::kSuccess), "Success");
  EXPECT_EQ(CodeName(Code::kError), "Error");
  EXPECT_EQ(CodeName(Code::kUnschedulable), "Unschedulable");
  EXPECT_EQ(CodeName(Code::kUnschedulableAndUnresolvable), "UnschedulableAndUnresolvable");
  EXPECT_EQ(CodeName(Code::kWait), "Wait");
  EXPECT_EQ(CodeName(Code::kSkip), "Skip");
  EXPECT_EQ(CodeName(Code::kPending), "Pending");
}

TEST(Status, MessageJoinsTheReasons) {
  EXPECT_EQ(Status{}.Message(), "");
  EXPECT_EQ((Status{Code::kError, {"a"}, ""}).Message(), "a");
  EXPECT_EQ((Status{Code::kError, {"a", "b"}, ""}).Message(), "a, b");
}

TEST(Status, OnlyTheTwoUnschedulableCodesReject) {
  EXPECT_TRUE((Status{Code::kUnschedulable, {}, ""}).rejected());
  EXPECT_TRUE((Status{Code::kUnschedulableAndUnresolvable, {}, ""}).rejected());
  EXPECT_FALSE((Status{Code::kError, {}, ""}).rejected());
  EXPECT_FALSE((Status{Code::kPending, {}, ""}).rejected());
}

}  // namespace verdict_test
}  // namespace heat_scheduler
