#include "cluster/manifest.h"

#include <string>

#include <nlohmann/json.hpp>

#include "cluster/kubeconfig.h"
#include "cluster/nodes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cluster/test_server.h"

namespace heat_scheduler::cluster {
namespace manifest_test {

TEST(Manifests, AreLoadedWithTheirStatus) {
  TestServer server;
  const absl::Status status = LoadManifests(server.server().registry(), R"(
apiVersion: v1
kind: Pod
metadata: {name: a, uid: old, resourceVersion: "7"}
spec: {nodeName: n1, containers: [{name: main, image: x}]}
status: {phase: Running}
---
apiVersion: v1
kind: Node
metadata: {name: n1}
)",
                                            "test.yaml");
  ASSERT_TRUE(status.ok()) << status;
  const Json pod = server.Call("GET", "/api/v1/namespaces/default/pods/a").body;
  EXPECT_EQ(TextAt(pod, {"status", "phase"}), "Running");
  EXPECT_NE(TextAt(pod, {"metadata", "uid"}), "old");
  EXPECT_EQ(server.Call("GET", "/api/v1/nodes/n1").status, 200);
}

TEST(Manifests, OneListMayBeLargerThanAConfiguration) {
  TestServer server;
  std::string dump = "{apiVersion: v1, kind: List, items: [";
  for (const char* name : {"a", "b", "c", "d"}) {
    dump += std::string("{apiVersion: v1, kind: ConfigMap, metadata: {name: ") + name +
            "}, data: {text: \"" + std::string(1'000'000, 'x') + "\"}},\n";
  }
  const absl::Status status = LoadManifests(server.server().registry(), dump + "]}", "dump.yaml");
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(server.Call("GET", "/api/v1/namespaces/default/configmaps/d").status, 200);
}

TEST(Manifests, RefusalsNameFileObjectAndReason) {
  TestServer server;
  const absl::Status unknown = LoadManifests(
      server.server().registry(), "{apiVersion: v1, kind: Thing, metadata: {name: a}}", "t.yaml");
  EXPECT_EQ(unknown.message(),
            "t.yaml: Thing a: heat-cluster does not serve this apiVersion and kind");
  const absl::Status taken =
      LoadManifests(server.server().registry(),
                    "{apiVersion: v1, kind: Namespace, metadata: {name: default}}", "t.yaml");
  EXPECT_EQ(taken.message(), "t.yaml: Namespace default: namespaces \"default\" already exists");
}

TEST(SyntheticNodes, AreCreated) {
  TestServer server;
  ASSERT_TRUE(AddSyntheticNodes(server.server().registry(), 3).ok());
  const Json node = server.Call("GET", "/api/v1/nodes/node-00002").body;
  EXPECT_EQ(TextAt(node, {"status", "allocatable", "cpu"}), "8");
  EXPECT_EQ(TextAt(node, {"metadata", "annotations", "nerdalize/temp"}), "34");
  EXPECT_FALSE(AddSyntheticNodes(server.server().registry(), 1).ok());
}

TEST(Kubeconfig, CarriesTheAuthorityOfTls) {
  EXPECT_THAT(KubeconfigText("http://127.0.0.1:1", "", "secret"),
              ::testing::Not(::testing::HasSubstr("certificate-authority-data")));
  EXPECT_THAT(KubeconfigText("http://127.0.0.1:1", "", "secret"),
              ::testing::HasSubstr("    token: \"secret\"\n"));
  EXPECT_THAT(KubeconfigText("https://127.0.0.1:1", "PEM", "secret"),
              ::testing::HasSubstr("certificate-authority-data: UEVN\n"));
}

}  // namespace manifest_test
}  // namespace heat_scheduler::cluster
