#include "kube/pod_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/objects.h"

namespace heat_scheduler::kube {
namespace pod_requests_test {

using testing::ElementsAre;
using testing::IsEmpty;

ResourceList Amounts(std::initializer_list<std::pair<const char*, const char*>> amounts) {
  ResourceList result;
  for (const auto& [name, quantity] : amounts) result.emplace(name, Q(quantity));
  return result;
}

std::string Text(const ResourceList& list) {
  std::string text;
  for (const auto& [name, quantity] : list) {
    text += (text.empty() ? "" : " ") + name + "=" + quantity.ToString();
  }
  return text;
}

struct RequestsRow {
  std::string name;
  Pod pod;
  std::string requests;
  std::string non_zero;
};

void PrintTo(const RequestsRow& row, std::ostream* out) { *out << row.name; }

class PodRequestsTable : public testing::TestWithParam<RequestsRow> {};

TEST_P(PodRequestsTable, CountsAsKubeSchedulerDoes) {
  EXPECT_EQ(Text(PodRequests(GetParam().pod)), GetParam().requests);
  EXPECT_EQ(Text(PodNonZeroRequests(GetParam().pod)), GetParam().non_zero);
}

Pod WithoutContainers() {
  Pod pod = MakePod("p");
  pod.spec->containers.clear();
  return pod;
}

// Container c0 asks for 1 cpu and holds `held`.
Pod Resized(ResourceList held, bool infeasible) {
  Pod pod = MakePod("p").Cpu("1").Memory("1M");
  pod.status.allocated_requests["c0"] = std::move(held);
  pod.status.resize_infeasible = infeasible;
  return pod;
}

Pod PodLevelResized(ResourceList held, bool infeasible) {
  Pod pod = MakePod("p").PodLevelRequests(Amounts({{"cpu", "2"}, {"memory", "2M"}}));
  pod.status.allocated_pod_requests = std::move(held);
  pod.status.resize_infeasible = infeasible;
  return pod;
}

// Both init containers hold 5 cpu; only the sidecar can have been resized.
Pod ResizedInit() {
  Pod pod =
      MakePod("p").Cpu("1").InitContainer(Amounts({{"cpu", "2"}})).Sidecar(Amounts({{"cpu", "2"}}));
  pod.status.allocated_requests["i0"] = Amounts({{"cpu", "5"}});
  pod.status.allocated_requests["i1"] = Amounts({{"cpu", "5"}});
  return pod;
}

INSTANTIATE_TEST_SUITE_P(
    Table, PodRequestsTable,
    testing::Values(
        RequestsRow{"NoContainers", WithoutContainers(), "", ""},
        RequestsRow{"NothingRequested", MakePod("p"), "", "cpu=100m memory=209715200"},
        RequestsRow{"ExplicitZeroStays", MakePod("p").Cpu("0").Memory("0"), "cpu=0 memory=0",
                    "cpu=0 memory=0"},
        RequestsRow{
            "ContainersAdd",
            MakePod("p").Cpu("500m").Container(Amounts({{"cpu", "250m"}, {"memory", "1M"}})),
            "cpu=750m memory=1M", "cpu=750m memory=210715200"},
        RequestsRow{"LargestInitContainerCounts",
                    MakePod("p")
                        .Cpu("1")
                        .Memory("3M")
                        .InitContainer(Amounts({{"cpu", "2"}, {"memory", "1M"}}))
                        .InitContainer(Amounts({{"cpu", "3"}, {"memory", "2M"}})),
                    "cpu=3 memory=3M", "cpu=3 memory=3M"},
        RequestsRow{
            "SidecarsAdd",
            MakePod("p").Cpu("1").Memory("1M").Sidecar(Amounts({{"cpu", "2"}, {"memory", "2M"}})),
            "cpu=3 memory=3M", "cpu=3 memory=3M"},
        // While i2 starts it runs beside i1 only, i0 having ended: 2 + 4 is above 1 + 2.
        RequestsRow{"InitContainerBesideEarlierSidecar",
                    MakePod("p")
                        .Cpu("1")
                        .InitContainer(Amounts({{"cpu", "5"}}))
                        .Sidecar(Amounts({{"cpu", "2"}}))
                        .InitContainer(Amounts({{"cpu", "4"}})),
                    "cpu=6", "cpu=6 memory=419430400"},
        RequestsRow{"InitContainerBeforeSidecarStandsAlone",
                    MakePod("p")
                        .Cpu("1")
                        .InitContainer(Amounts({{"cpu", "4"}}))
                        .Sidecar(Amounts({{"cpu", "2"}})),
                    "cpu=4", "cpu=4 memory=419430400"},
        RequestsRow{"OverheadAdds",
                    MakePod("p").Cpu("1").Overhead(Amounts({{"cpu", "250m"}, {"memory", "1M"}})),
                    "cpu=1250m memory=1M", "cpu=1250m memory=210715200"},
        RequestsRow{"ExtendedResources",
                    MakePod("p")
                        .Request("example.com/gpu", "1")
                        .Container(Amounts({{"example.com/gpu", "2"}})),
                    "example.com/gpu=3", "cpu=200m example.com/gpu=3 memory=419430400"},
        RequestsRow{"PodLevelOverrides",
                    MakePod("p")
                        .Cpu("500m")
                        .Memory("1M")
                        .Request("example.com/gpu", "1")
                        .Overhead(Amounts({{"cpu", "1"}}))
                        .PodLevelRequests(Amounts({{"cpu", "2"}, {"example.com/gpu", "9"}})),
                    "cpu=3 example.com/gpu=1 memory=1M", "cpu=3 example.com/gpu=1 memory=1M"},
        RequestsRow{"PodLevelNeedsDefaultsForTheRest",
                    MakePod("p").Container({}).PodLevelRequests(Amounts({{"cpu", "2"}})), "cpu=2",
                    "cpu=2 memory=419430400"},
        RequestsRow{"PodLevelUnsupportedOnlyIsNone",
                    MakePod("p").PodLevelRequests(Amounts({{"example.com/gpu", "9"}})), "",
                    "cpu=100m memory=209715200"},
        RequestsRow{"PodLevelHugePages",
                    MakePod("p").PodLevelRequests(Amounts({{"hugepages-2Mi", "4Mi"}})),
                    "hugepages-2Mi=4194304", "cpu=100m hugepages-2Mi=4194304 memory=209715200"},
        RequestsRow{"ResizeUpHoldsMore", Resized(Amounts({{"cpu", "2"}}), false), "cpu=2 memory=1M",
                    "cpu=2 memory=1M"},
        RequestsRow{"ResizeDownWantsLess", Resized(Amounts({{"cpu", "500m"}}), false),
                    "cpu=1 memory=1M", "cpu=1 memory=1M"},
        RequestsRow{"InfeasibleResizeHoldsWhatItHas",
                    Resized(Amounts({{"cpu", "500m"}, {"memory", "1M"}}), true),
                    "cpu=500m memory=1M", "cpu=500m memory=1M"},
        RequestsRow{"OnlySidecarsResize", ResizedInit(), "cpu=6", "cpu=6 memory=419430400"},
        RequestsRow{"PodLevelResize", PodLevelResized(Amounts({{"cpu", "3"}}), false),
                    "cpu=3 memory=2M", "cpu=3 memory=2M"},
        RequestsRow{"PodLevelResizeInfeasible",
                    PodLevelResized(Amounts({{"cpu", "1"}, {"memory", "1M"}}), true),
                    "cpu=1 memory=1M", "cpu=1 memory=1M"}),
    [](const auto& row) { return row.param.name; });

TEST(PodHostPorts, TakesSidecarsAndContainersInOrder) {
  Pod pod = MakePod("p").Port(80).Port(53, "UDP", "10.0.0.1").Sidecar({}).InitContainer({});
  ContainerPort port;
  port.container_port = 9000;
  pod.spec->containers[0].ports.push_back(port);  // No host port.
  port.host_port = 9001;
  pod.spec->init_containers[0].ports = {port};
  pod.spec->init_containers[1].ports = {port};  // Ends before the pod runs.
  EXPECT_THAT(PodHostPorts(pod),
              ElementsAre(HostPort{"TCP", "0.0.0.0", 9001}, HostPort{"TCP", "0.0.0.0", 80},
                          HostPort{"UDP", "10.0.0.1", 53}));
  EXPECT_THAT(PodHostPorts(MakePod("q")), IsEmpty());
}

TEST(PodContainerNonZeroRequests, LeaveRequestsOfThePodAsAWholeOut) {
  const Pod pod = MakePod("p")
                      .Cpu("500m")
                      .Overhead(Amounts({{"cpu", "10m"}}))
                      .PodLevelRequests(Amounts({{"cpu", "2"}, {"memory", "1Gi"}}));
  EXPECT_EQ(Text(PodContainerNonZeroRequests(pod)), "cpu=510m memory=209715200");
  const Pod plain = MakePod("p").Memory("1Gi");
  EXPECT_EQ(PodContainerNonZeroRequests(plain), PodNonZeroRequests(plain));
}

struct ConflictRow {
  std::string name;
  HostPort a, b;
  bool conflict;
};

void PrintTo(const ConflictRow& row, std::ostream* out) { *out << row.name; }

class Conflicts : public testing::TestWithParam<ConflictRow> {};

TEST_P(Conflicts, AreMutual) {
  EXPECT_EQ(Conflict(GetParam().a, GetParam().b), GetParam().conflict);
  EXPECT_EQ(Conflict(GetParam().b, GetParam().a), GetParam().conflict);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Conflicts,
    testing::Values(
        ConflictRow{"Same", {"TCP", "10.0.0.1", 80}, {"TCP", "10.0.0.1", 80}, true},
        ConflictRow{"OtherPort", {"TCP", "10.0.0.1", 80}, {"TCP", "10.0.0.1", 81}, false},
        ConflictRow{"OtherProtocol", {"TCP", "10.0.0.1", 80}, {"UDP", "10.0.0.1", 80}, false},
        ConflictRow{"OtherAddress", {"TCP", "10.0.0.1", 80}, {"TCP", "10.0.0.2", 80}, false},
        ConflictRow{"AllAddresses", {"TCP", "0.0.0.0", 80}, {"TCP", "10.0.0.2", 80}, true}),
    [](const auto& row) { return row.param.name; });

}  // namespace pod_requests_test
}  // namespace heat_scheduler::kube
