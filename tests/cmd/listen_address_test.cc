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
  bool loopback = false;
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
  EXPECT_EQ(IsLoopback(address->host), GetParam().loopback);
}

INSTANTIATE_TEST_SUITE_P(Table, Listen,
                         testing::ValuesIn(std::vector<Row>{
                             {"HostAndPort", "127.0.0.1:8100", "127.0.0.1:8100", true},
                             {"OtherLoopback", "127.1.2.3:1", "127.1.2.3:1", true},
                             {"Localhost", "localhost:0", "localhost:0", true},
                             {"PortAlone", "8100", "127.0.0.1:8100", true},
                             {"Everywhere", "0.0.0.0:8100", "0.0.0.0:8100", false},
                             {"Ipv6", "[::1]:8100", "[::1]:8100", true},
                             {"Ipv6Everywhere", "[::]:8100", "[::]:8100", false},
                             {"NoHost", ":8100", "", false},
                             {"NoPort", "127.0.0.1:", "", false},
                             {"NoPortAtAll", "here", "", false},
                             {"Empty", "", "", false},
                             {"PortTooLarge", "127.0.0.1:65536", "", false},
                             {"PortIsNoNumber", "127.0.0.1:8x", "", false},
                             {"NegativePort", "127.0.0.1:-1", "", false},
                         }),
                         [](const auto& row) { return row.param.name; });

}  // namespace listen_address_test
}  // namespace heat_scheduler
