#include "cmd/listen_address.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace heat_scheduler {
namespace listen_address_test {

struct Row {
  std::string name;
  std::string text;
  std::string url;  // Empty: it is refused.
};

class Listen : public testing::TestWithParam<Row> {};

TEST_P(Listen, IsAnAddressOrRefused) {
  const auto address = ParseListenAddress(GetParam().text);
  if (GetParam().url.empty()) {
    EXPECT_EQ(address.status().message(),
              "expected HOST:PORT, such as 127.0.0.1:6443, got \"" + GetParam().text + "\"");
    return;
  }
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(UrlOf(false, *address), "http://" + GetParam().url);
  EXPECT_EQ(UrlOf(true, *address), "https://" + GetParam().url);
}

INSTANTIATE_TEST_SUITE_P(Table, Listen,
                         testing::ValuesIn(std::vector<Row>{
                             {"HostAndPort", "127.0.0.1:8100", "127.0.0.1:8100"},
                             {"OtherLoopback", "127.1.2.3:1", "127.1.2.3:1"},
                             {"Localhost", "localhost:0", "localhost:0"},
                             {"PortAlone", "8100", "127.0.0.1:8100"},
                             {"Everywhere", "0.0.0.0:8100", "0.0.0.0:8100"},
                             {"Ipv6", "[::1]:8100", "[::1]:8100"},
                             {"Ipv6Everywhere", "[::]:8100", "[::]:8100"},
                             {"NoHost", ":8100", ""},
                             {"NoPort", "127.0.0.1:", ""},
                             {"NoPortAtAll", "here", ""},
                             {"Empty", "", ""},
                             {"PortTooLarge", "127.0.0.1:65536", ""},
                             {"PortIsNoNumber", "127.0.0.1:8x", ""},
                             {"NegativePort", "127.0.0.1:-1", ""},
                         }),
                         [](const auto& row) { return row.param.name; });

}  // namespace listen_address_test
}  // namespace heat_scheduler
