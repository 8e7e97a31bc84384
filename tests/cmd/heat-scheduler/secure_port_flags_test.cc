#include "cmd/heat-scheduler/secure_port_flags.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cmd/heat-scheduler/parse_flags.h"

namespace heat_scheduler {
namespace secure_port_flags_test {

std::string Parse(std::vector<const char*> arguments, SecurePortFlags& flags) {
  return ParseFlags(&AddSecurePortFlags, std::move(arguments), flags);
}

TEST(SecurePortFlags, DefaultsAreKubeSchedulers) {
  SecurePortFlags flags;
  EXPECT_EQ(Parse({}, flags), "");
  EXPECT_EQ(flags.port, 10259);
  EXPECT_FALSE(flags.skip_lookup);
  EXPECT_TRUE(flags.tolerate_lookup_failure);
  EXPECT_EQ(flags.token_ttl, absl::Seconds(10));
  EXPECT_THAT(flags.always_allow_paths, testing::ElementsAre("/healthz", "/readyz", "/livez"));
}

TEST(SecurePortFlags, AreTaken) {
  SecurePortFlags flags;
  EXPECT_EQ(Parse({"--authorization-always-allow-paths=/metrics,/debug/*",
                   "--authentication-tolerate-lookup-failure=false", "--authentication-skip-lookup",
                   "--authentication-kubeconfig", "a", "--authorization-kubeconfig=b",
                   "--client-ca-file", "ca", "--authentication-token-webhook-cache-ttl=1m",
                   "--authorization-webhook-cache-unauthorized-ttl=500ms"},
                  flags),
            "");
  EXPECT_THAT(flags.always_allow_paths, testing::ElementsAre("/metrics", "/debug/*"));
  EXPECT_FALSE(flags.tolerate_lookup_failure);
  EXPECT_TRUE(flags.skip_lookup);
  EXPECT_EQ(flags.authentication_kubeconfig, "a");
  EXPECT_EQ(flags.authorization_kubeconfig, "b");
  EXPECT_EQ(flags.client_ca_file, "ca");
  EXPECT_EQ(flags.token_ttl, absl::Minutes(1));
  EXPECT_EQ(flags.unauthorized_ttl, absl::Milliseconds(500));
}

TEST(SecurePortFlags, MistakesAreTold) {
  SecurePortFlags flags;
  EXPECT_THAT(Parse({"--authorization-always-allow-paths=/a,/*/b"}, flags),
              testing::HasSubstr("\"/*/b\" has a * that is not at its end"));
  EXPECT_THAT(Parse({"--authentication-token-webhook-cache-ttl=10"}, flags),
              testing::HasSubstr("is no duration"));
  EXPECT_THAT(Parse({"--tls-cert-file=a"}, flags), testing::HasSubstr("--tls-private-key-file"));
}

}  // namespace secure_port_flags_test
}  // namespace heat_scheduler
