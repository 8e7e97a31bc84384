#include "plugins/defaults/node_declared_features.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace node_declared_features_test {

constexpr char kRefused[] =
    "UnschedulableAndUnresolvable: node(s) didn't match Pod's required features";
constexpr char kRestart[] = "RestartAllContainersOnContainerExits";
constexpr char kUsers[] = "UserNamespacesHostNetworkSupport";

kube::Pod Restarting() {
  kube::Pod pod = MakePod("p");
  pod.spec->containers[0].restarts_all_containers = true;
  return pod;
}

kube::Pod RestartingFromInit() {
  kube::Pod pod = MakePod("p").InitContainer({});
  pod.spec->init_containers[0].restarts_all_containers = true;
  return pod;
}

kube::Pod WithHost(kube::Pod pod, bool network, bool users) {
  pod.spec->host_network = network;
  pod.spec->host_users = users;
  return pod;
}

struct Row {
  std::string name;
  kube::Pod pod;
  std::vector<std::string> declared;
  std::string expected;
};

class NodeDeclaredFeaturesTest : public testing::TestWithParam<Row> {};

TEST_P(NodeDeclaredFeaturesTest, Answers) {
  kube::Node node = MakeNode("n");
  node.declared_features = GetParam().declared;
  EXPECT_EQ(FilterOne(NodeDeclaredFeatures(), GetParam().pod, node), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NodeDeclaredFeaturesTest,
    testing::ValuesIn(std::vector<Row>{
        {"NeedsNothing", MakePod("p"), {}, "ok"},
        {"Restart", Restarting(), {"Other", kRestart}, "ok"},
        {"RestartAmongOthers",
         Restarting(),
         {"A", "ExtendWebSocketsToKubelet", kRestart, kUsers},
         "ok"},
        // kube-scheduler stops looking for it at what should have come after it.
        {"RestartInAnUnsortedList", Restarting(), {"SomethingElse", kRestart}, kRefused},
        {"OwnUsersInAnUnsortedList",
         WithHost(MakePod("p"), true, false),
         {"SomethingElse", kUsers},
         "ok"},
        {"RestartNotDeclared", Restarting(), {"Other", kUsers}, kRefused},
        {"RestartFromInit", RestartingFromInit(), {}, kRefused},
        {"HostNetworkAlone", WithHost(MakePod("p"), true, true), {}, "ok"},
        {"OwnUsersAlone", WithHost(MakePod("p"), false, false), {}, "ok"},
        {"OwnUsersOnHostNetwork", WithHost(MakePod("p"), true, false), {kRestart}, kRefused},
        {"OwnUsersOnHostNetworkDeclared", WithHost(MakePod("p"), true, false), {kUsers}, "ok"},
        {"OneOfTwo", WithHost(Restarting(), true, false), {kUsers}, kRefused},
        {"Both", WithHost(Restarting(), true, false), {kRestart, kUsers}, "ok"},
    }),
    [](const auto& row) { return row.param.name; });

TEST(NodeDeclaredFeatures, IsLeftOutForPodsThatNeedNone) {
  const auto cluster = MakeCluster({MakeNode("n")});
  EXPECT_EQ(Asking(*cluster, MakePod("p"), NodeDeclaredFeatures()).PreFilter(), "Skip");
  EXPECT_EQ(Asking(*cluster, Restarting(), NodeDeclaredFeatures()).PreFilter(), "ok");
}

}  // namespace node_declared_features_test
}  // namespace heat_scheduler
