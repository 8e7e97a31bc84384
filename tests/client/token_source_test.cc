#include "kube/client/token_source.h"

#include <gtest/gtest.h>

#include <string>

namespace heat_scheduler::kube {
namespace token_source_test {

TEST(TokenSource, SaysNothingWithoutCredentials) {
  TokenSource none;
  EXPECT_EQ(none.Authorization(absl::ZeroDuration()).value(), "");
  EXPECT_FALSE(none.Refresh(absl::ZeroDuration()));
}

TEST(TokenSource, BearerAndBasic) {
  EXPECT_EQ(TokenSource::Bearer("abc").Authorization({}).value(), "Bearer abc");
  EXPECT_EQ(TokenSource::Basic("bob", "se:cret").Authorization({}).value(),
            "Basic Ym9iOnNlOmNyZXQ=");
}

// A token file that tests rewrite.
class TokenSourceFile : public testing::Test {
 protected:
  TokenSource Make() {
    return TokenSource::BearerFile("/var/token",
                                   [this](const std::string& path) -> absl::StatusOr<std::string> {
                                     EXPECT_EQ(path, "/var/token");
                                     ++reads_;
                                     return content_;
                                   });
  }
  absl::StatusOr<std::string> content_ = std::string(" first\n");
  int reads_ = 0;
};

TEST_F(TokenSourceFile, IsReadAgainEachMinute) {
  TokenSource source = Make();
  EXPECT_EQ(source.Authorization(absl::Seconds(100)).value(), "Bearer first");
  content_ = "second";
  EXPECT_EQ(source.Authorization(absl::Seconds(159)).value(), "Bearer first");
  EXPECT_EQ(reads_, 1);
  EXPECT_EQ(source.Authorization(absl::Seconds(160)).value(), "Bearer second");
  EXPECT_EQ(reads_, 2);
}

TEST_F(TokenSourceFile, RefreshReadsAtOnceAndSaysWhetherItChanged) {
  TokenSource source = Make();
  ASSERT_TRUE(source.Authorization({}).ok());
  EXPECT_FALSE(source.Refresh(absl::Seconds(1)));
  content_ = "second";
  EXPECT_TRUE(source.Refresh(absl::Seconds(2)));
  EXPECT_EQ(source.Authorization(absl::Seconds(2)).value(), "Bearer second");
}

TEST_F(TokenSourceFile, UnreadableFileLeavesTheOldTokenInForce) {
  TokenSource source = Make();
  ASSERT_TRUE(source.Authorization({}).ok());
  content_ = absl::PermissionDeniedError("cannot open /var/token");
  EXPECT_EQ(source.Authorization(absl::Minutes(2)).value(), "Bearer first");
  content_ = "second";
  EXPECT_EQ(source.Authorization(absl::Minutes(4)).value(), "Bearer second");
}

struct BadTokenRow {
  std::string name;
  std::string content;
  std::string message;
};

class TokenSourceBadFile : public testing::TestWithParam<BadTokenRow> {};

TEST_P(TokenSourceBadFile, IsRefusedWithTheFilesName) {
  TokenSource source = TokenSource::BearerFile(
      "/t", [](const std::string&) -> absl::StatusOr<std::string> { return GetParam().content; });
  const auto header = source.Authorization({});
  EXPECT_EQ(header.status().message(), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All, TokenSourceBadFile,
    testing::Values(BadTokenRow{"Empty", "", "token file /t is empty; put a bearer token into it"},
                    BadTokenRow{"Blank", " \n\t",
                                "token file /t is empty; put a bearer token into it"},
                    BadTokenRow{"TwoLines", "a\r\nX-Evil: b",
                                "token file /t holds more than one line; keep the token alone"}),
    [](const auto& row) { return row.param.name; });

}  // namespace token_source_test
}  // namespace heat_scheduler::kube
