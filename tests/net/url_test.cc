#include "net/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace heat_scheduler::net {
namespace url_test {

struct UrlRow {
  std::string name;
  std::string text;
  bool tls;
  std::string host;
  int port;
  std::string path;
  std::string authority;  // The scheme's own port left out.
};

class ParseUrlAccepts : public testing::TestWithParam<UrlRow> {};

TEST_P(ParseUrlAccepts, Parts) {
  const auto url = ParseUrl(GetParam().text);
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(url->tls, GetParam().tls);
  EXPECT_EQ(url->host, GetParam().host);
  EXPECT_EQ(url->port, GetParam().port);
  EXPECT_EQ(url->path, GetParam().path);
  EXPECT_EQ(url->Authority(false), GetParam().authority);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ParseUrlAccepts,
    testing::Values(
        UrlRow{"Plain", "http://example.com", false, "example.com", 80, "", "example.com"},
        UrlRow{"Tls", "https://example.com/", true, "example.com", 443, "", "example.com"},
        UrlRow{"Port", "https://10.0.0.1:6443", true, "10.0.0.1", 6443, "", "10.0.0.1:6443"},
        UrlRow{"OwnPort", "https://h:443", true, "h", 443, "", "h"},
        UrlRow{"OtherOwnPort", "https://h:80", true, "h", 80, "", "h:80"},
        UrlRow{"Path", "https://h/k8s/clusters/c1/", true, "h", 443, "/k8s/clusters/c1", "h"},
        UrlRow{"Ipv6", "https://[::1]:6443/x", true, "::1", 6443, "/x", "[::1]:6443"},
        UrlRow{"Ipv6NoPort", "http://[fd00::A]", false, "fd00::a", 80, "", "[fd00::a]"},
        UrlRow{"UpperCase", "HTTPS://Example.COM", true, "example.com", 443, "", "example.com"},
        UrlRow{"Underscore", "http://my_host:1", false, "my_host", 1, "", "my_host:1"}),
    [](const auto& row) { return row.param.name; });

struct BadRow {
  std::string name;
  std::string text;
  std::string why;
};

class ParseUrlRefuses : public testing::TestWithParam<BadRow> {};

TEST_P(ParseUrlRefuses, SaysWhy) {
  const auto url = ParseUrl(GetParam().text);
  ASSERT_FALSE(url.ok());
  EXPECT_EQ(url.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(url.status().message()), testing::HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ParseUrlRefuses,
    testing::Values(BadRow{"Empty", "", "no scheme"}, BadRow{"NoScheme", "host:6443", "no scheme"},
                    BadRow{"OtherScheme", "ftp://host", "neither http nor https"},
                    BadRow{"NoHost", "https://", "host is missing"},
                    BadRow{"NoHostButPort", "https://:80", "host is missing"},
                    BadRow{"User", "https://a:b@host", "names a user"},
                    BadRow{"Query", "https://host?x=1", "query or a fragment"},
                    BadRow{"Fragment", "https://host/#x", "query or a fragment"},
                    BadRow{"PortZero", "https://host:0", "1 to 65535"},
                    BadRow{"PortTooLarge", "https://host:65536", "1 to 65535"},
                    BadRow{"PortEmpty", "https://host:", "1 to 65535"},
                    BadRow{"PortText", "https://host:http", "1 to 65535"},
                    BadRow{"Ipv6Bare", "https://::1", "host is missing"},
                    BadRow{"Ipv6Open", "https://[::1", "']' is missing"},
                    BadRow{"Ipv6Junk", "https://[host]", "no IPv6 address"},
                    BadRow{"Ipv6Tail", "https://[::1]x", "1 to 65535"},
                    BadRow{"Blank", "https://ho st", "malformed"},
                    BadRow{"LineBreak", "https://host/a\r\nb", "control character"}),
    [](const auto& row) { return row.param.name; });

using Query = std::map<std::string, std::string>;

struct TargetRow {
  std::string name;
  std::string text;
  std::string path;
  std::vector<std::string> segments;
  Query query;
};

class ParseTargetAccepts : public testing::TestWithParam<TargetRow> {};

TEST_P(ParseTargetAccepts, Parts) {
  const auto target = ParseTarget(GetParam().text);
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_EQ(target->path, GetParam().path);
  EXPECT_EQ(target->segments, GetParam().segments);
  EXPECT_EQ(target->query, GetParam().query);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ParseTargetAccepts,
    testing::Values(TargetRow{"Root", "/", "/", {}, {}},
                    TargetRow{"Path", "/api/v1/pods", "/api/v1/pods", {"api", "v1", "pods"}, {}},
                    TargetRow{"DoubleSlash", "//a///b/", "//a///b/", {"a", "b"}, {}},
                    TargetRow{
                        "Query", "/p?a=1&b=&c", "/p", {"p"}, {{"a", "1"}, {"b", ""}, {"c", ""}}},
                    TargetRow{"FirstValueWins", "/p?a=1&a=2", "/p", {"p"}, {{"a", "1"}}},
                    TargetRow{"EmptyPairs", "/p?&&a=1&", "/p", {"p"}, {{"a", "1"}}},
                    TargetRow{"EmptyQuery", "/p?", "/p", {"p"}, {}},
                    TargetRow{"EncodedSlash", "/a%2Fb/c", "/a/b/c", {"a/b", "c"}, {}},
                    TargetRow{"Selector",
                              "/p?labelSelector=a%3Db%2Cc+d",
                              "/p",
                              {"p"},
                              {{"labelSelector", "a=b,c d"}}},
                    TargetRow{"PlusInPath", "/a+b", "/a+b", {"a+b"}, {}},
                    TargetRow{"SecondQuestionMark", "/p?a=b?c", "/p", {"p"}, {{"a", "b?c"}}},
                    TargetRow{"SecondEquals", "/p?a=b=c", "/p", {"p"}, {{"a", "b=c"}}}),
    [](const auto& row) { return row.param.name; });

class ParseTargetRefuses : public testing::TestWithParam<BadRow> {};

TEST_P(ParseTargetRefuses, SaysWhy) {
  const auto target = ParseTarget(GetParam().text);
  ASSERT_FALSE(target.ok());
  EXPECT_THAT(std::string(target.status().message()), testing::HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ParseTargetRefuses,
    testing::Values(BadRow{"Empty", "", "'/'"}, BadRow{"NoSlash", "a", "'/'"},
                    BadRow{"Absolute", "http://h/", "'/'"}, BadRow{"CutShort", "/a%4", "'%'"},
                    BadRow{"AtTheEnd", "/a%", "'%'"}, BadRow{"NoHex", "/a%zz", "'%'"},
                    BadRow{"InQuery", "/a?b=%g0", "'%'"}, BadRow{"Nul", "/a%00", "NUL"}),
    [](const auto& row) { return row.param.name; });

TEST(IsLocalhost, HoldsForTheNameAndWhatIsBelowIt) {
  EXPECT_TRUE(IsLocalhost("localhost"));
  EXPECT_TRUE(IsLocalhost("api.localhost"));
  EXPECT_FALSE(IsLocalhost("mylocalhost"));
  EXPECT_FALSE(IsLocalhost("localhost.example.com"));
}

TEST(IsLoopback, HoldsForNamesAndAddressesOfThisMachineAlone) {
  for (const char* host : {"localhost", "api.localhost", "127.0.0.1", "127.1.2.3", "::1",
                           "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(IsLoopback(host)) << host;
  }
  for (const char* host : {"", "0.0.0.0", "::", "128.0.0.1", "::ffff:10.0.0.1", "::2",
                           "127.example.com", "127.0.0.1.example.com", "[::1]"}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
}

TEST(PercentEncode, KeepsUnreservedBytesAlone) {
  EXPECT_EQ(PercentEncode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(PercentEncode("a b/c=d&é"), "a%20b%2Fc%3Dd%26%C3%A9");
}

RC_GTEST_PROP(PercentEncode, IsUndoneByParseTarget,
              (const std::string& key, const std::string& text)) {
  RC_PRE(key.find('\0') == std::string::npos && text.find('\0') == std::string::npos);
  const auto target = ParseTarget("/" + PercentEncode(text) + "?k" + PercentEncode(key) + "=" +
                                  PercentEncode(text));
  RC_ASSERT(target.ok());
  RC_ASSERT(target->path == "/" + text);
  RC_ASSERT(target->query == (Query{{"k" + key, text}}));
}

}  // namespace url_test
}  // namespace heat_scheduler::net
