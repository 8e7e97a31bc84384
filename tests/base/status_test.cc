#include "base/status.h"

#include <gtest/gtest.h>

#include <memory>

namespace heat_scheduler {
namespace status_test {

TEST(Annotate, PutsContextInFrontAndKeepsTheCode) {
  const absl::Status status = Annotate(absl::NotFoundError("no user \"bob\""), "context \"prod\"");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "context \"prod\": no user \"bob\"");
  EXPECT_TRUE(Annotate(absl::OkStatus(), "context").ok());
}

absl::Status ReturnIfError(const absl::Status& status, bool& went_on) {
  RETURN_IF_ERROR(status);
  went_on = true;
  return absl::OkStatus();
}

TEST(ReturnIfError, ReturnsErrorsOnly) {
  bool went_on = false;
  EXPECT_EQ(ReturnIfError(absl::AbortedError("x"), went_on), absl::AbortedError("x"));
  EXPECT_FALSE(went_on);
  EXPECT_TRUE(ReturnIfError(absl::OkStatus(), went_on).ok());
  EXPECT_TRUE(went_on);
}

absl::StatusOr<std::unique_ptr<int>> Add(absl::StatusOr<std::unique_ptr<int>> a,
                                         absl::StatusOr<std::unique_ptr<int>> b) {
  ASSIGN_OR_RETURN(const std::unique_ptr<int> left, std::move(a));
  std::unique_ptr<int> right;
  ASSIGN_OR_RETURN(right, std::move(b));
  return std::make_unique<int>(*left + *right);
}

TEST(AssignOrReturn, MovesValuesAndReturnsErrors) {
  const auto sum = Add(std::make_unique<int>(2), std::make_unique<int>(3));
  ASSERT_TRUE(sum.ok());
  EXPECT_EQ(**sum, 5);
  EXPECT_EQ(Add(absl::AbortedError("a"), std::make_unique<int>(3)).status(),
            absl::AbortedError("a"));
  EXPECT_EQ(Add(std::make_unique<int>(2), absl::AbortedError("b")).status(),
            absl::AbortedError("b"));
}

}  // namespace status_test
}  // namespace heat_scheduler
