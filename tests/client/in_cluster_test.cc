#include "kube/client/in_cluster.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace heat_scheduler::kube {
namespace in_cluster_test {

using Files = std::map<std::string, std::string>;

FileReader Reader(Files files) {
  return [files = std::move(files)](const std::string& path) -> absl::StatusOr<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return absl::NotFoundError("cannot open " + path);
    return found->second;
  };
}

const Files kFiles = {{"/sa/token", "abc\n"}, {"/sa/ca.crt", "PEM"}, {"/sa/namespace", "team\n"}};

TEST(InCluster, ReadsTheServiceAccountsFiles) {
  auto config = LoadInCluster({"10.96.0.1", "443"}, "/sa", Reader(kFiles));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->server, "https://10.96.0.1:443");
  EXPECT_EQ(config->tls.ca_pem, "PEM");
  EXPECT_EQ(config->namespace_, "team");
  EXPECT_EQ(config->token.Authorization({}).value(), "Bearer abc");
  EXPECT_FALSE(config->tls.insecure_skip_verify);
}

TEST(InCluster, Ipv6HostGetsBrackets) {
  EXPECT_EQ(LoadInCluster({"fd00::1", "6443"}, "/sa", Reader(kFiles))->server,
            "https://[fd00::1]:6443");
}

TEST(InCluster, MissingNamespaceIsDefault) {
  Files files = kFiles;
  files.erase("/sa/namespace");
  EXPECT_EQ(LoadInCluster({"h", "1"}, "/sa", Reader(files))->namespace_, "default");
}

struct BadRow {
  std::string name;
  InClusterEnvironment environment;
  std::string missing_file;
  std::string message;
};

class InClusterBad : public testing::TestWithParam<BadRow> {};

TEST_P(InClusterBad, NamesWhatIsWrong) {
  Files files = kFiles;
  files.erase(GetParam().missing_file);
  EXPECT_EQ(LoadInCluster(GetParam().environment, "/sa", Reader(files)).status().message(),
            GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All, InClusterBad,
    testing::Values(
        BadRow{"NoHost",
               {"", "443"},
               "",
               "in-cluster configuration: KUBERNETES_SERVICE_HOST is not set; outside a pod, name "
               "a kubeconfig with --kubeconfig"},
        BadRow{"NoPort",
               {"h", ""},
               "",
               "in-cluster configuration: KUBERNETES_SERVICE_PORT is not set; outside a pod, name "
               "a kubeconfig with --kubeconfig"},
        BadRow{"BadPort",
               {"h", "tcp"},
               "",
               "in-cluster configuration: KUBERNETES_SERVICE_PORT \"tcp\" is no port number"},
        BadRow{"PortTooLarge",
               {"h", "65536"},
               "",
               "in-cluster configuration: KUBERNETES_SERVICE_PORT \"65536\" is no port number"},
        BadRow{
            "NoToken", {"h", "1"}, "/sa/token", "in-cluster configuration: cannot open /sa/token"},
        BadRow{
            "NoCa", {"h", "1"}, "/sa/ca.crt", "in-cluster configuration: cannot open /sa/ca.crt"}),
    [](const auto& row) { return row.param.name; });

}  // namespace in_cluster_test
}  // namespace heat_scheduler::kube
