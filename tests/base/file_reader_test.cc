#include "base/file_reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace heat_scheduler {
namespace file_reader_test {

class ReadFileTest : public testing::Test {
 protected:
  ReadFileTest() {
    std::string name = testing::TempDir() + "heat-read-XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~ReadFileTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  std::string Write(const std::string& name, const std::string& content) const {
    std::ofstream(Path(name), std::ios::binary) << content;
    return Path(name);
  }

  std::string directory_;
};

TEST_F(ReadFileTest, ReturnsTheBytes) {
  const std::string content("a\0b\n", 4);
  EXPECT_EQ(ReadFile(Write("x", content)).value(), content);
  EXPECT_EQ(ReadFile(Write("empty", "")).value(), "");
}

TEST_F(ReadFileTest, MissingFileIsNotFound) {
  const auto result = ReadFile(Path("none"));
  EXPECT_EQ(result.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(result.status().message().find("none"), absl::string_view::npos);
}

TEST_F(ReadFileTest, DirectoryIsRefused) {
  EXPECT_EQ(ReadFile(directory_).status().message(), directory_ + " is a directory; name a file");
}

TEST_F(ReadFileTest, FifoIsRefusedWithoutWaiting) {
  ASSERT_EQ(mkfifo(Path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(ReadFile(Path("fifo")).status().message(),
            Path("fifo") + " is not a regular file; name a file");
}

TEST_F(ReadFileTest, LimitHoldsAtTheByte) {
  EXPECT_TRUE(ReadFile(Write("full", std::string(kMaxFileBytes, 'x'))).ok());
  EXPECT_EQ(ReadFile(Write("over", std::string(kMaxFileBytes + 1, 'x'))).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadFileUpTo(Write("short", "abc"), 3).value(), "abc");
  EXPECT_EQ(ReadFileUpTo(Write("long", "abcd"), 3).status().message(),
            Path("long") + " is over the limit of 3 bytes");
}

}  // namespace file_reader_test
}  // namespace heat_scheduler
