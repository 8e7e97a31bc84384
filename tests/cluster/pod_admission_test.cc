// What becomes of pods on their way in, through the API.
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cluster/test_server.h"

namespace heat_scheduler::cluster {
namespace pod_admission_test {

using ::testing::HasSubstr;

constexpr char kPods[] = "/api/v1/namespaces/default/pods";

struct RefusedPod {
  const char* name;
  const char* patch;  // Merged into a fine pod.
  int status;
  const char* message;  // Part of it.
};

class RefusedPods : public ::testing::TestWithParam<RefusedPod> {};

TEST_P(RefusedPods, SayWhy) {
  TestServer server;
  Json pod = PodDocument("a");
  pod.merge_patch(Json::parse(GetParam().patch));
  const Reply reply = server.Call("POST", kPods, pod);
  EXPECT_EQ(reply.status, GetParam().status);
  EXPECT_THAT(std::string(TextAt(reply.body, {"message"})), HasSubstr(GetParam().message));
  EXPECT_EQ(server.server().store().Get(PodResource(), "default", "a"), nullptr);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, RefusedPods,
    ::testing::Values(
        RefusedPod{"NoContainers", R"({"spec":{"containers":[]}})", 422,
                   "Pod \"a\" is invalid: spec.containers: Required value"},
        RefusedPod{"ContainersAreNoList", R"({"spec":{"containers":{}}})", 400,
                   "spec.containers must be a list"},
        RefusedPod{"NoImage", R"({"spec":{"containers":[{"name":"x"}]}})", 422,
                   "spec.containers[0].image: Required value"},
        RefusedPod{"SameNameTwice",
                   R"({"spec":{"containers":[{"name":"x","image":"i"},{"name":"x","image":"i"}]}})",
                   422, "spec.containers[1].name: Duplicate value: \"x\""},
        RefusedPod{"BadName", R"({"metadata":{"name":"A_b"}})", 422, "RFC 1123 subdomain"},
        RefusedPod{"NoName", R"({"metadata":{"name":null}})", 422,
                   "metadata.name: Required value: name or generateName is required"},
        RefusedPod{"BadLabel", R"({"metadata":{"labels":{"a":"b c"}}})", 422,
                   "metadata.labels: Invalid value: \"b c\""},
        RefusedPod{"LabelIsNumber", R"({"metadata":{"labels":{"a":1}}})", 400,
                   "metadata.labels[a] is not a string"},
        RefusedPod{"OtherNamespace", R"({"metadata":{"namespace":"x"}})", 400,
                   "the namespace of the provided object does not match"},
        RefusedPod{"HasVersion", R"({"metadata":{"resourceVersion":"5"}})", 400,
                   "resourceVersion should not be set on objects to be created"},
        RefusedPod{"OtherKind", R"({"kind":"Node"})", 400, "must be of type Pod"},
        RefusedPod{"BadQuantity",
                   R"({"spec":{"containers":[{"name":"x","image":"i",
                "resources":{"requests":{"cpu":"1GiB"}}}]}})",
                   400, "quantities must match the regular expression"},
        RefusedPod{"NegativeRequest",
                   R"({"spec":{"containers":[{"name":"x","image":"i",
                       "resources":{"requests":{"cpu":"-1"}}}]}})",
                   422, "must be greater than or equal to 0"},
        RefusedPod{"RequestOverLimit",
                   R"({"spec":{"containers":[{"name":"x","image":"i",
                       "resources":{"requests":{"cpu":"2"},"limits":{"cpu":"1"}}}]}})",
                   422, "must be less than or equal to cpu limit of 1"},
        RefusedPod{"UnknownPriorityClass", R"({"spec":{"priorityClassName":"x"}})", 403,
                   "pods \"a\" is forbidden: no PriorityClass with name x was found"},
        RefusedPod{"PriorityByHand", R"({"spec":{"priority":7}})", 403,
                   "the integer value of priority (7) must not be provided in pod spec"},
        RefusedPod{"GatedAndBound", R"({"spec":{"nodeName":"n","schedulingGates":[{"name":"g"}]}})",
                   422, "spec.nodeName: Forbidden"},
        RefusedPod{"SpecIsText", R"({"spec":"x"})", 400, "spec is not an object"}),
    [](const auto& row) { return row.param.name; });

TEST(PodDefaults, AreTheRealServers) {
  TestServer server;
  Json pod = PodDocument("a");
  pod["spec"]["containers"][0]["resources"] = {{"limits", {{"cpu", "2"}, {"memory", "1Gi"}}},
                                               {"requests", {{"cpu", "1"}}}};
  pod["status"] = {{"phase", "Running"}};
  const Json made = server.Call("POST", kPods, pod).body;
  EXPECT_EQ(made["spec"]["containers"][0]["resources"]["requests"],
            Json({{"cpu", "1"}, {"memory", "1Gi"}}));
  EXPECT_EQ(made["spec"]["priority"], 0);
  EXPECT_EQ(made["spec"]["preemptionPolicy"], "PreemptLowerPriority");
  EXPECT_EQ(made["spec"]["schedulerName"], "default-scheduler");
  EXPECT_EQ(made["spec"]["terminationGracePeriodSeconds"], 30);
  EXPECT_EQ(made["status"], Json({{"phase", "Pending"}, {"qosClass", "Burstable"}}));
  EXPECT_EQ(made["metadata"]["generation"], 1);
  const Json tolerations = Json::parse(R"([
    {"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute",
     "tolerationSeconds":300},
    {"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute",
     "tolerationSeconds":300}])");
  EXPECT_EQ(made["spec"]["tolerations"], tolerations);
}

TEST(PodDefaults, KeepUnknownFields) {
  TestServer server;
  Json pod = PodDocument("a");
  pod["spec"]["fromTheFuture"] = {{"deep", {1, 2, 3}}};
  EXPECT_EQ(server.Call("POST", kPods, pod).body["spec"]["fromTheFuture"]["deep"], Json({1, 2, 3}));
}

TEST(PodDefaults, PriorityComesFromItsClass) {
  TestServer server;
  const Json high = {
      {"metadata", {{"name", "high"}}}, {"value", 1000}, {"preemptionPolicy", "Never"}};
  ASSERT_EQ(server.Call("POST", "/apis/scheduling.k8s.io/v1/priorityclasses", high).status, 201);
  Json pod = PodDocument("a");
  pod["spec"]["priorityClassName"] = "high";
  const Json made = server.Call("POST", kPods, pod).body;
  EXPECT_EQ(made["spec"]["priority"], 1000);
  EXPECT_EQ(made["spec"]["preemptionPolicy"], "Never");
}

TEST(PodDefaults, GeneratedNamesDiffer) {
  TestServer server;
  Json pod = PodDocument("a");
  pod["metadata"] = {{"generateName", "web-"}};
  const std::string one(TextAt(server.Call("POST", kPods, pod).body, {"metadata", "name"}));
  const std::string two(TextAt(server.Call("POST", kPods, pod).body, {"metadata", "name"}));
  EXPECT_EQ(one.substr(0, 4), "web-");
  EXPECT_EQ(one.size(), 9U);
  EXPECT_NE(one, two);
}

TEST(PodGates, ShowInTheConditionAndOnlyGo) {
  TestServer server;
  Json pod = PodDocument("a");
  pod["spec"]["schedulingGates"] = Json::parse(R"([{"name":"x"},{"name":"y"}])");
  const Json made = server.Call("POST", kPods, pod).body;
  EXPECT_EQ(TextAt(made["status"]["conditions"][0], {"reason"}), "SchedulingGated");
  const std::string target = absl::StrCat(kPods, "/a");
  const auto patch_gates = [&](const char* gates) {
    return server.Call("PATCH", target, {{"spec", {{"schedulingGates", Json::parse(gates)}}}},
                       "application/merge-patch+json");
  };
  EXPECT_EQ(patch_gates(R"([{"name":"x"},{"name":"z"}])").status, 422);
  EXPECT_EQ(patch_gates(R"([{"name":"y"}])").status, 200);
  EXPECT_EQ(patch_gates(R"([])").status, 200);
}

struct UpdateCase {
  const char* name;
  const char* patch;
  int status;
};

class PodUpdates : public ::testing::TestWithParam<UpdateCase> {};

TEST_P(PodUpdates, ChangeLittle) {
  TestServer server;
  server.AddPod("a");
  const Reply reply = server.Call("PATCH", absl::StrCat(kPods, "/a"), Json::parse(GetParam().patch),
                                  "application/strategic-merge-patch+json");
  EXPECT_EQ(reply.status, GetParam().status) << reply.text;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, PodUpdates,
    ::testing::Values(
        UpdateCase{"Label", R"({"metadata":{"labels":{"a":"b"}}})", 200},
        UpdateCase{"Image", R"({"spec":{"containers":[{"name":"main","image":"new"}]}})", 200},
        UpdateCase{"NodeName", R"({"spec":{"nodeName":"n1"}})", 422},
        UpdateCase{"SchedulerName", R"({"spec":{"schedulerName":"x"}})", 422},
        UpdateCase{
            "Requests",
            R"({"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"1"}}}]}})",
            422},
        UpdateCase{"NewGate", R"({"spec":{"schedulingGates":[{"name":"g"}]}})", 422},
        UpdateCase{"FewerTolerations", R"({"spec":{"tolerations":[{"operator":"Exists"}]}})", 422},
        UpdateCase{"Rename", R"({"metadata":{"name":"b"}})", 400},
        UpdateCase{"OldVersion", R"({"metadata":{"resourceVersion":"1"}})", 409},
        UpdateCase{"OtherUid", R"({"metadata":{"uid":"x"}})", 409}),
    [](const auto& row) { return row.param.name; });

TEST(PodStatus, IsWrittenApartFromTheSpec) {
  TestServer server;
  const Json made = server.AddPod("a");
  const std::string target = absl::StrCat(kPods, "/a");
  server.Call("PATCH", target, {{"status", {{"phase", "Failed"}}}}, "application/merge-patch+json");
  EXPECT_EQ(server.Call("GET", target).body, made);
  const Json condition = {
      {"type", "PodScheduled"}, {"status", "False"}, {"reason", "Unschedulable"}};
  const Reply patched = server.Call(
      "PATCH", target + "/status",
      {{"spec", {{"nodeName", "x"}}}, {"status", {{"conditions", Json::array({condition})}}}},
      "application/strategic-merge-patch+json");
  ASSERT_EQ(patched.status, 200) << patched.text;
  EXPECT_EQ(patched.body["spec"], made["spec"]);
  EXPECT_EQ(patched.body["status"]["phase"], "Pending");
  EXPECT_EQ(patched.body["status"]["conditions"][0]["lastTransitionTime"], "2026-01-01T00:00:00Z");
}

}  // namespace pod_admission_test
}  // namespace heat_scheduler::cluster
