#include "cluster/fake_kubelet.h"

#include <string>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/cluster/test_server.h"

namespace heat_scheduler::cluster {
namespace fake_kubelet_test {

constexpr char kPods[] = "/api/v1/namespaces/default/pods";

// A server with kubelets and one node, n1, of 4 CPUs, 8 GiB and `pods` pods.
class FakeKubeletTest : public ::testing::Test {
 protected:
  void AddNode(std::string_view pods = "110") {
    Json node = NodeDocument("n1");
    node["status"]["allocatable"]["pods"] = pods;
    ASSERT_EQ(server_.Call("POST", "/api/v1/nodes", node).status, 201);
  }

  // Creates a pod on n1.
  void Place(std::string_view name, const Json& requests = Json::object(),
             const Json& annotations = Json::object()) {
    Json pod = PodDocument(name);
    pod["spec"]["nodeName"] = "n1";
    pod["spec"]["containers"][0]["resources"]["requests"] = requests;
    pod["metadata"]["annotations"] = annotations;
    const Reply reply = server_.Call("POST", kPods, pod);
    ASSERT_EQ(reply.status, 201) << reply.text;
  }

  Json Pod(std::string_view name) {
    return server_.Call("GET", absl::StrCat(kPods, "/", std::string(name))).body;
  }

  std::string Phase(std::string_view name) {
    return std::string(TextAt(Pod(name), {"status", "phase"}));
  }

  std::string Reason(std::string_view name) {
    return std::string(TextAt(Pod(name), {"status", "reason"}));
  }

  TestServer server_;
  FakeKubelet kubelet_{server_.loop(), server_.server().registry(), {}};
};

TEST_F(FakeKubeletTest, RunsABoundPodAfterTheDelay) {
  AddNode();
  server_.AddPod("a");
  server_.loop().RunFor(absl::Seconds(5));
  EXPECT_EQ(Phase("a"), "Pending");
  server_.Call("POST", absl::StrCat(kPods, "/a/binding"), BindingDocument("a", "n1"));
  server_.loop().RunFor(absl::Milliseconds(999));
  EXPECT_EQ(Phase("a"), "Pending");
  server_.loop().RunFor(absl::Milliseconds(1));
  const Json pod = Pod("a");
  EXPECT_EQ(TextAt(pod, {"status", "phase"}), "Running");
  EXPECT_EQ(TextAt(pod, {"status", "startTime"}), "2026-01-01T00:00:06Z");
  EXPECT_EQ(TextAt(pod, {"status", "podIP"}), "10.128.0.1");
  EXPECT_TRUE(TrueAt(pod["status"]["containerStatuses"][0], {"ready"}));
  EXPECT_EQ(pod["status"]["conditions"].size(), 5U);
}

TEST_F(FakeKubeletTest, EndsThePodsThatAskForIt) {
  AddNode();
  Place("good", Json::object(), {{"heat-cluster/run-seconds", "10"}});
  Place("bad", Json::object(),
        {{"heat-cluster/run-seconds", "2.5"}, {"heat-cluster/exit-code", "3"}});
  Place("odd", Json::object(), {{"heat-cluster/run-seconds", "soon"}});
  server_.loop().RunFor(absl::Seconds(4));
  EXPECT_EQ(Phase("good"), "Running");
  EXPECT_EQ(Phase("bad"), "Failed");
  EXPECT_EQ(
      IntegerAt(Pod("bad")["status"]["containerStatuses"][0], {"state", "terminated", "exitCode"}),
      3);
  server_.loop().RunFor(absl::Seconds(7));
  EXPECT_EQ(Phase("good"), "Succeeded");
  EXPECT_EQ(Phase("odd"), "Running");
}

TEST_F(FakeKubeletTest, FinishesDeletedPods) {
  AddNode();
  Place("a");
  server_.loop().RunFor(absl::Seconds(2));
  server_.Call("DELETE", absl::StrCat(kPods, "/a"));
  EXPECT_EQ(server_.Call("GET", absl::StrCat(kPods, "/a")).status, 200);
  server_.loop().RunFor(absl::Seconds(1));
  EXPECT_EQ(server_.Call("GET", absl::StrCat(kPods, "/a")).status, 404);
}

TEST_F(FakeKubeletTest, RejectsWhatDoesNotFit) {
  AddNode("3");
  Place("a", {{"cpu", "3"}});
  Place("b", {{"cpu", "1001m"}});
  Place("c", {{"memory", "9Gi"}});
  Place("d", {{"example.com/gpu", "1"}});
  server_.loop().RunFor(absl::Seconds(2));
  EXPECT_EQ(Phase("a"), "Running");
  EXPECT_EQ(Phase("b"), "Failed");
  EXPECT_EQ(Reason("b"), "OutOfcpu");
  EXPECT_EQ(TextAt(Pod("b"), {"status", "message"}),
            "Pod was rejected: Node didn't have enough resource: cpu, requested: 1001, used: "
            "3000, capacity: 4000");
  EXPECT_EQ(Reason("c"), "OutOfmemory");
  EXPECT_EQ(Reason("d"), "OutOfexample.com/gpu");
  Place("e");
  Place("f");
  Place("g");
  server_.loop().RunFor(absl::Seconds(2));
  EXPECT_EQ(Phase("f"), "Running");
  EXPECT_EQ(Reason("g"), "OutOfpods");
}

TEST_F(FakeKubeletTest, EndedPodsMakeRoom) {
  AddNode();
  Place("a", {{"cpu", "3"}}, {{"heat-cluster/run-seconds", "1"}});
  server_.loop().RunFor(absl::Seconds(3));
  EXPECT_EQ(Phase("a"), "Succeeded");
  Place("b", {{"cpu", "3"}});
  server_.loop().RunFor(absl::Seconds(2));
  EXPECT_EQ(Phase("b"), "Running");
  server_.Call("DELETE", absl::StrCat(kPods, "/b"), {{"gracePeriodSeconds", 0}});
  Place("c", {{"cpu", "4"}});
  server_.loop().RunFor(absl::Seconds(2));
  EXPECT_EQ(Phase("c"), "Running");
}

TEST_F(FakeKubeletTest, RejectsTakenPortsAndOtherNodesPods) {
  AddNode();
  for (const char* name : {"a", "b"}) {
    Json pod = PodDocument(name);
    pod["spec"]["nodeName"] = "n1";
    pod["spec"]["containers"][0]["ports"] =
        Json::parse(R"([{"containerPort":80,"hostPort":8080}])");
    ASSERT_EQ(server_.Call("POST", kPods, pod).status, 201);
  }
  Json lost = PodDocument("c");
  lost["spec"]["nodeName"] = "n1";
  lost["spec"]["nodeSelector"] = {{"disk", "ssd"}};
  ASSERT_EQ(server_.Call("POST", kPods, lost).status, 201);
  server_.loop().RunFor(absl::Seconds(2));
  EXPECT_EQ(Phase("a"), "Running");
  EXPECT_EQ(Reason("b"), "NodePorts");
  EXPECT_EQ(Reason("c"), "NodeAffinity");
}

TEST_F(FakeKubeletTest, WaitsForTheNode) {
  Place("a");
  server_.loop().RunFor(absl::Seconds(5));
  EXPECT_EQ(Phase("a"), "Pending");
  AddNode();
  server_.loop().RunFor(absl::Seconds(2));
  EXPECT_EQ(Phase("a"), "Running");
}

TEST_F(FakeKubeletTest, LeavesANamesakeAlone) {
  AddNode();
  Place("a", Json::object(), {{"heat-cluster/run-seconds", "5"}});
  server_.loop().RunFor(absl::Seconds(2));
  server_.Call("DELETE", absl::StrCat(kPods, "/a"), {{"gracePeriodSeconds", 0}});
  Place("a");
  server_.loop().RunFor(absl::Seconds(60));
  EXPECT_EQ(Phase("a"), "Running");
}

TEST(FakeKubelet, TakesOverPodsThatAlreadyRun) {
  TestServer server;
  server.AddNode("n1");
  Json pod = PodDocument("a");
  pod["spec"]["nodeName"] = "n1";
  pod["spec"]["containers"][0]["resources"]["requests"] = {{"cpu", "3"}};
  server.Call("POST", kPods, pod);
  server.Call("PATCH", absl::StrCat(kPods, "/a/status"), {{"status", {{"phase", "Running"}}}},
              "application/merge-patch+json");
  const FakeKubelet kubelet(server.loop(), server.server().registry(), {});
  server.loop().RunFor(absl::Seconds(1));
  pod["metadata"]["name"] = "b";
  server.Call("POST", kPods, pod);
  server.loop().RunFor(absl::Seconds(2));
  EXPECT_EQ(TextAt(server.Call("GET", absl::StrCat(kPods, "/b")).body, {"status", "reason"}),
            "OutOfcpu");
}

}  // namespace fake_kubelet_test
}  // namespace heat_scheduler::cluster
