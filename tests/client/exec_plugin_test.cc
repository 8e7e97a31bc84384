#include "kube/client/exec_plugin.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/sim_loop.h"

namespace heat_scheduler::kube {
namespace exec_plugin_test {

using nlohmann::json;

const absl::Time kNow = absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone());

absl::StatusOr<ExecPlugin> Read(const std::string& exec) {
  return ReadExecPlugin(json::parse(exec), "/etc/k/config", {{"server", "https://h"}});
}

ExecPlugin Plugin() {
  return Read(R"({"command": "aws", "apiVersion": "client.authentication.k8s.io/v1",
                  "interactiveMode": "Never"})")
      .value();
}

TEST(ExecPlugin, ReadsEveryField) {
  const auto plugin = Read(R"({
      "command": "aws", "args": ["eks", "get-token"], "installHint": "install aws",
      "env": [{"name": "AWS_PROFILE", "value": "dev"}],
      "apiVersion": "client.authentication.k8s.io/v1beta1", "provideClusterInfo": true})");
  ASSERT_TRUE(plugin.ok()) << plugin.status();
  EXPECT_EQ(plugin->program.command, "aws");
  EXPECT_EQ(plugin->program.args, (std::vector<std::string>{"eks", "get-token"}));
  EXPECT_EQ(plugin->install_hint, "install aws");
  ASSERT_EQ(plugin->program.env.size(), 2u);
  EXPECT_EQ(plugin->program.env[0], (std::pair<std::string, std::string>{"AWS_PROFILE", "dev"}));
  EXPECT_EQ(plugin->program.env[1].first, "KUBERNETES_EXEC_INFO");
  EXPECT_EQ(json::parse(plugin->program.env[1].second), json::parse(R"({"kind": "ExecCredential",
                            "apiVersion": "client.authentication.k8s.io/v1beta1",
                            "spec": {"interactive": false, "cluster": {"server": "https://h"}}})"));
}

TEST(ExecPlugin, TellsNothingOfTheClusterUnlessAsked) {
  EXPECT_FALSE(json::parse(Plugin().program.env[0].second)["spec"].contains("cluster"));
}

TEST(ExecPlugin, APathStartsAtItsFile) {
  const std::string rest =
      R"(", "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "IfAvailable"})";
  EXPECT_EQ(Read(R"({"command": "./bin/login)" + rest)->program.command, "/etc/k/./bin/login");
  EXPECT_EQ(Read(R"({"command": "/bin/login)" + rest)->program.command, "/bin/login");
  EXPECT_EQ(Read(R"({"command": "login)" + rest)->program.command, "login");
}

struct BadRow {
  const char* name;
  std::string text;
  const char* message;
};

class ExecPluginBad : public testing::TestWithParam<BadRow> {};

TEST_P(ExecPluginBad, IsRefused) {
  EXPECT_EQ(Read(GetParam().text).status().message(), GetParam().message);
}

constexpr char kStart[] = R"({"command": "aws", "apiVersion": "client.authentication.k8s.io/v1")";

INSTANTIATE_TEST_SUITE_P(
    All, ExecPluginBad,
    testing::Values(
        BadRow{"NoMapping", "[]", "it is no mapping"},
        BadRow{"NoCommand", R"({"apiVersion": "client.authentication.k8s.io/v1"})",
               "command is missing; name the program that prints the token"},
        BadRow{"CommandIsNumber", R"({"command": 1})", "command is not text; put it in quotes"},
        BadRow{"OldVersion",
               R"({"command": "aws", "apiVersion": "client.authentication.k8s.io/v1alpha1"})",
               "apiVersion \"client.authentication.k8s.io/v1alpha1\" is not understood; write "
               "client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1"},
        BadRow{"NoMode", absl::StrCat(kStart, "}"),
               "interactiveMode is missing; write Never or IfAvailable"},
        BadRow{"UnknownMode", absl::StrCat(kStart, R"(, "interactiveMode": "Maybe"})"),
               "interactiveMode \"Maybe\" is unknown; write Never or IfAvailable"},
        BadRow{"Interactive", absl::StrCat(kStart, R"(, "interactiveMode": "Always"})"),
               "interactiveMode is Always, but there is nobody to ask; use a program that can do "
               "without"},
        BadRow{"ArgsIsText",
               absl::StrCat(kStart, R"(, "interactiveMode": "Never", "args": "eks"})"),
               "args is no list"},
        BadRow{"ArgIsNumber", absl::StrCat(kStart, R"(, "interactiveMode": "Never", "args": [1]})"),
               "args holds something that is not text; put it in quotes"},
        BadRow{"EnvIsMapping", absl::StrCat(kStart, R"(, "interactiveMode": "Never", "env": {}})"),
               "env is no list"},
        BadRow{"EnvHoldsText",
               absl::StrCat(kStart, R"(, "interactiveMode": "Never", "env": ["A=b"]})"),
               "env holds something other than {name, value}"},
        BadRow{"EnvWithoutName",
               absl::StrCat(kStart, R"(, "interactiveMode": "Never", "env": [{"value": "b"}]})"),
               "env: name is missing, or holds a \"=\""},
        BadRow{"EnvValueIsNumber",
               absl::StrCat(kStart,
                            R"(, "interactiveMode": "Never", "env": [{"name": "A", "value": 1}]})"),
               "env: value is not text; put it in quotes"},
        BadRow{"ProvideClusterInfoIsText",
               absl::StrCat(kStart, R"(, "interactiveMode": "Never", "provideClusterInfo": "x"})"),
               "provideClusterInfo is neither true nor false"}),
    [](const auto& row) { return std::string(row.param.name); });

// An ExecCredential with that status.
std::string Said(const json& status) {
  return json({{"kind", "ExecCredential"},
               {"apiVersion", "client.authentication.k8s.io/v1"},
               {"status", status}})
      .dump();
}

TEST(ExecCredential, OfATokenThatEnds) {
  const auto credential = ReadExecCredential(
      Plugin(), Said({{"token", "t"}, {"expirationTimestamp", "2026-01-01T00:15:00Z"}}), kNow);
  ASSERT_TRUE(credential.ok()) << credential.status();
  EXPECT_EQ(credential->token, "t");
  EXPECT_EQ(credential->expires, kNow + absl::Minutes(15));
}

TEST(ExecCredential, OfACertificateEndsWithIt) {
  const net::KeyPair pair = net::MakeSelfSigned({"client"}, kNow).value();
  const auto credential =
      ReadExecCredential(Plugin(),
                         Said({{"clientCertificateData", pair.certificate_pem},
                               {"clientKeyData", pair.key_pem},
                               {"expirationTimestamp", "2036-01-01T00:00:00Z"}}),
                         kNow);
  ASSERT_TRUE(credential.ok()) << credential.status();
  EXPECT_EQ(credential->key_pair, pair);
  EXPECT_EQ(credential->expires, net::ExpirationOf(pair.certificate_pem).value());
}

TEST(ExecCredential, WithoutATimeLastsForEver) {
  EXPECT_EQ(ReadExecCredential(Plugin(), Said({{"token", "t"}}), kNow)->expires,
            absl::InfiniteFuture());
}

class ExecCredentialBad : public testing::TestWithParam<BadRow> {};

TEST_P(ExecCredentialBad, IsRefusedWithoutRepeatingIt) {
  EXPECT_EQ(ReadExecCredential(Plugin(), GetParam().text, kNow).status().message(),
            absl::StrCat("\"aws\" printed ", GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, ExecCredentialBad,
    testing::Values(
        BadRow{"Nothing", "", "no JSON object; an ExecCredential is expected"},
        BadRow{"Junk", "Session expired, please log in",
               "no JSON object; an ExecCredential is expected"},
        BadRow{"OtherKind", R"({"kind": "Secret"})", "something else than an ExecCredential"},
        BadRow{"KindIsNumber", R"({"kind": 1})", "something else than an ExecCredential"},
        BadRow{"OtherVersion",
               R"({"kind": "ExecCredential",
                   "apiVersion": "client.authentication.k8s.io/v1beta1"})",
               "an ExecCredential of another version than client.authentication.k8s.io/v1, as the "
               "kubeconfig says"},
        BadRow{"NoStatus",
               R"({"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1"})",
               "an ExecCredential without a status"},
        BadRow{"EmptyStatus", Said(json::object()), "neither a token nor a client certificate"},
        BadRow{"TokenIsNumber", Said({{"token", 1}}), "a token that is not text"},
        BadRow{"TokenWithLineEnd", Said({{"token", "a\r\nX-Evil: b"}}),
               "a token with a control character in it"},
        BadRow{"HalfAPair", Said({{"clientKeyData", "k"}}),
               "a client certificate or a key, but not both"},
        BadRow{"BadTime", Said({{"token", "t"}, {"expirationTimestamp", "tomorrow"}}),
               "an expirationTimestamp that is no time as in 2026-11-21T10:09:00Z"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ExecCredential, OfAWrongPairIsNamed) {
  const net::KeyPair pair = net::MakeSelfSigned({"client"}, kNow).value();
  const auto credential =
      ReadExecCredential(Plugin(),
                         Said({{"clientCertificateData", pair.certificate_pem},
                               {"clientKeyData", net::MakeSelfSigned({"other"}, kNow)->key_pem}}),
                         kNow);
  EXPECT_EQ(credential.status().message(),
            "certificate of \"aws\": the private key does not belong to the certificate");
}

TEST(ExecPlugin, OfAMissingProgramRepeatsTheHint) {
  ExecPlugin plugin = Plugin();
  plugin.program.command = "no-such-program-here";
  plugin.install_hint = "See https://example.com/install";
  EXPECT_EQ(RunExecPlugin(plugin, SimLoop(), {}).status().message(),
            "cannot start \"no-such-program-here\": it was not found; install it, or put its "
            "folder into PATH\nSee https://example.com/install");
}

}  // namespace exec_plugin_test
}  // namespace heat_scheduler::kube
