#include "plugins/defaults/node_ports.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace node_ports_test {

constexpr char kRefused[] =
    "Unschedulable: node(s) didn't have free ports for the requested pod ports";

struct Row {
  std::string name;
  kube::Pod pod;
  std::vector<kube::Pod> others;  // All on the node.
  std::string expected;
};

class NodePortsTest : public testing::TestWithParam<Row> {};

TEST_P(NodePortsTest, Answers) {
  EXPECT_EQ(FilterOne(NodePorts(), GetParam().pod, MakeNode("n"), GetParam().others),
            GetParam().expected);
}

PodBuilder Other(const char* name) { return MakePod(name).Node("n"); }

kube::Pod WithSidecarPort(PodBuilder builder, std::int32_t port) {
  kube::Pod pod = builder.Sidecar({});
  kube::ContainerPort taken;
  taken.host_port = port;
  pod.spec->init_containers.back().ports.push_back(taken);
  return pod;
}

INSTANTIATE_TEST_SUITE_P(
    Table, NodePortsTest,
    testing::ValuesIn(std::vector<Row>{
        {"WantsNone", MakePod("p"), {Other("a").Port(80)}, "ok"},
        {"NobodyThere", MakePod("p").Port(80), {}, "ok"},
        {"OtherPort", MakePod("p").Port(80), {Other("a").Port(81)}, "ok"},
        {"SamePort", MakePod("p").Port(80), {Other("a").Port(80)}, kRefused},
        {"SamePortOfSecondPod", MakePod("p").Port(80), {Other("a"), Other("b").Port(80)}, kRefused},
        {"OneOfTwo", MakePod("p").Port(80).Port(443), {Other("a").Port(443)}, kRefused},
        {"OtherProtocol", MakePod("p").Port(80, "UDP"), {Other("a").Port(80, "TCP")}, "ok"},
        {"SameProtocol", MakePod("p").Port(80, "SCTP"), {Other("a").Port(80, "SCTP")}, kRefused},
        {"OtherAddress",
         MakePod("p").Port(80, "TCP", "10.0.0.1"),
         {Other("a").Port(80, "TCP", "10.0.0.2")},
         "ok"},
        {"SameAddress",
         MakePod("p").Port(80, "TCP", "10.0.0.1"),
         {Other("a").Port(80, "TCP", "10.0.0.1")},
         kRefused},
        {"AllAddressesTaken",
         MakePod("p").Port(80, "TCP", "10.0.0.1"),
         {Other("a").Port(80, "TCP", "0.0.0.0")},
         kRefused},
        {"AllAddressesWanted",
         MakePod("p").Port(80),
         {Other("a").Port(80, "TCP", "10.0.0.2")},
         kRefused},
        {"TakenBySidecar", MakePod("p").Port(80), {WithSidecarPort(Other("a"), 80)}, kRefused},
        {"WantedBySidecar", WithSidecarPort(MakePod("p"), 80), {Other("a").Port(80)}, kRefused},
    }),
    [](const auto& row) { return row.param.name; });

TEST(NodePorts, IsLeftOutForPodsWithoutHostPorts) {
  const auto cluster = MakeCluster({MakeNode("n")});
  const NodePorts plugin;
  EXPECT_EQ(Asking(*cluster, MakePod("p"), plugin).PreFilter(), "Skip");
  EXPECT_EQ(Asking(*cluster, MakePod("p").Port(80), plugin).PreFilter(), "ok");
}

}  // namespace node_ports_test
}  // namespace heat_scheduler
