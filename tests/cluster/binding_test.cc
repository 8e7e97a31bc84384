// The binding and eviction subresources of pods.
#include <string>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cluster/test_server.h"

namespace heat_scheduler::cluster {
namespace binding_test {

using ::testing::HasSubstr;

constexpr char kPods[] = "/api/v1/namespaces/default/pods";

TEST(Binding, BindsAndSaysSo) {
  TestServer server;
  server.AddPod("a");
  server.Call("PATCH", absl::StrCat(kPods, "/a/status"),
              {{"status", {{"nominatedNodeName", "n2"}}}}, "application/merge-patch+json");
  Json binding = BindingDocument("a", "n1");
  binding["metadata"]["annotations"] = {{"why", "cold"}};
  const Reply reply = server.Call("POST", absl::StrCat(kPods, "/a/binding"), binding);
  ASSERT_EQ(reply.status, 201) << reply.text;
  EXPECT_EQ(TextAt(reply.body, {"status"}), "Success");
  const Json pod = server.Call("GET", absl::StrCat(kPods, "/a")).body;
  EXPECT_EQ(TextAt(pod, {"spec", "nodeName"}), "n1");
  EXPECT_EQ(TextAt(pod, {"metadata", "annotations", "why"}), "cold");
  EXPECT_EQ(Find(pod, {"status", "nominatedNodeName"}), nullptr);
  EXPECT_EQ(TextAt(pod["status"]["conditions"][0], {"type"}), "PodScheduled");
  EXPECT_EQ(TextAt(pod["status"]["conditions"][0], {"status"}), "True");
  EXPECT_EQ(server.server().store().history().writes().back()->operation, "bind");
}

TEST(Binding, WorksThroughTheLegacyCollection) {
  TestServer server;
  server.AddPod("a");
  const std::string target = "/api/v1/namespaces/default/bindings";
  EXPECT_EQ(server.Call("POST", target, BindingDocument("a", "n1")).status, 201);
  EXPECT_EQ(server.Call("POST", target, BindingDocument("a", "n1")).status, 409);
  EXPECT_EQ(server.Call("POST", target, BindingDocument("", "n1")).status, 400);
}

struct RefusedBinding {
  const char* name;
  const char* pod_patch;
  const char* binding_patch;
  int status;
  const char* message;
};

class RefusedBindings : public ::testing::TestWithParam<RefusedBinding> {};

TEST_P(RefusedBindings, ChangeNothing) {
  TestServer server;
  Json pod = PodDocument("a");
  pod.merge_patch(Json::parse(GetParam().pod_patch));
  ASSERT_EQ(server.Call("POST", kPods, pod).status, 201);
  server.Call("DELETE", absl::StrCat(kPods, "/held"));
  const std::int64_t version = server.server().store().resource_version();
  Json binding = BindingDocument("a", "n1");
  binding.merge_patch(Json::parse(GetParam().binding_patch));
  const Reply reply = server.Call("POST", absl::StrCat(kPods, "/a/binding"), binding);
  EXPECT_EQ(reply.status, GetParam().status);
  EXPECT_THAT(std::string(TextAt(reply.body, {"message"})), HasSubstr(GetParam().message));
  EXPECT_EQ(server.server().store().resource_version(), version);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, RefusedBindings,
    ::testing::Values(
        RefusedBinding{"OtherUid", "{}", R"({"metadata":{"uid":"x"}})", 409,
                       "Precondition failed: UID in precondition: x"},
        RefusedBinding{"OldVersion", "{}", R"({"metadata":{"resourceVersion":"1"}})", 409,
                       "the object has been modified"},
        RefusedBinding{"Gated", R"({"spec":{"schedulingGates":[{"name":"g"}]}})", "{}", 409,
                       "Operation cannot be fulfilled on pods/binding \"a\": pod a has non-empty "
                       ".spec.schedulingGates"},
        RefusedBinding{"Bound", R"({"spec":{"nodeName":"n0"}})", "{}", 409,
                       "Operation cannot be fulfilled on pods/binding \"a\": pod a is already "
                       "assigned to node \"n0\""},
        RefusedBinding{"NoTarget", "{}", R"({"target":{"name":""}})", 422, "target.name"},
        RefusedBinding{"TargetIsNoNode", "{}", R"({"target":{"kind":"Pod"}})", 422, "target.kind"},
        RefusedBinding{"OtherName", "{}", R"({"metadata":{"name":"b"}})", 400,
                       "name in URL does not match name in Binding object"}),
    [](const auto& row) { return row.param.name; });

TEST(Binding, IsRefusedForAPodThatIsBeingDeleted) {
  TestServer server;
  Json pod = PodDocument("a");
  pod["metadata"]["finalizers"] = {"example.com/hold"};
  ASSERT_EQ(server.Call("POST", kPods, pod).status, 201);
  ASSERT_EQ(server.Call("DELETE", absl::StrCat(kPods, "/a")).status, 200);
  const Reply reply =
      server.Call("POST", absl::StrCat(kPods, "/a/binding"), BindingDocument("a", "n1"));
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(TextAt(reply.body, {"message"}),
            "Operation cannot be fulfilled on pods/binding \"a\": pod a is being deleted, cannot "
            "be assigned to a host");
}

TEST(Binding, NeedsThePod) {
  TestServer server;
  EXPECT_EQ(
      server.Call("POST", absl::StrCat(kPods, "/a/binding"), BindingDocument("a", "n1")).status,
      404);
}

TEST(Binding, DryRunBindsNothing) {
  TestServer server;
  server.AddPod("a");
  ASSERT_EQ(
      server.Call("POST", absl::StrCat(kPods, "/a/binding?dryRun=All"), BindingDocument("a", "n1"))
          .status,
      201);
  EXPECT_EQ(TextAt(server.Call("GET", absl::StrCat(kPods, "/a")).body, {"spec", "nodeName"}), "");
}

// A running pod and a budget over it that allows one disruption.
void AddProtectedPods(TestServer& server) {
  for (const char* name : {"a", "b"}) {
    Json pod = PodDocument(name);
    pod["metadata"]["labels"] = {{"app", "web"}};
    pod["spec"]["nodeName"] = "n1";
    ASSERT_EQ(server.Call("POST", kPods, pod).status, 201);
    ASSERT_EQ(server
                  .Call("PATCH", absl::StrCat(kPods, "/", name, "/status"),
                        {{"status", {{"phase", "Running"}}}}, "application/merge-patch+json")
                  .status,
              200);
  }
  const std::string budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
  const Json budget = {{"metadata", {{"name", "web"}}},
                       {"spec", {{"selector", {{"matchLabels", {{"app", "web"}}}}}}}};
  ASSERT_EQ(server.Call("POST", budgets, budget).status, 201);
  ASSERT_EQ(server
                .Call("PATCH", budgets + "/web/status", {{"status", {{"disruptionsAllowed", 1}}}},
                      "application/merge-patch+json")
                .status,
            200);
}

TEST(Eviction, SpendsTheBudget) {
  TestServer server;
  AddProtectedPods(server);
  const auto evict = [&](const char* pod) {
    return server.Call("POST", absl::StrCat(kPods, "/", pod, "/eviction"),
                       {{"metadata", {{"name", pod}}}});
  };
  EXPECT_EQ(evict("a").status, 201);
  EXPECT_NE(
      Find(server.Call("GET", absl::StrCat(kPods, "/a")).body, {"metadata", "deletionTimestamp"}),
      nullptr);
  const Reply refused = evict("b");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(TextAt(refused.body, {"message"}),
            "Cannot evict pod as it would violate the pod's disruption budget.");
  EXPECT_EQ(TextAt(refused.body["details"]["causes"][0], {"reason"}), "DisruptionBudget");
  // One that is going already costs nothing.
  EXPECT_EQ(evict("a").status, 201);
}

TEST(Eviction, NeedsNoBudgetWhereNoneCovers) {
  TestServer server;
  server.AddPod("a");
  EXPECT_EQ(server.Call("POST", absl::StrCat(kPods, "/a/eviction"), Json::object()).status, 201);
  EXPECT_EQ(server.Call("GET", absl::StrCat(kPods, "/a")).status, 404);
}

TEST(GracefulDelete, MarksABoundPodAndOnlyShortens) {
  TestServer server;
  Json pod = PodDocument("a");
  pod["spec"]["nodeName"] = "n1";
  server.Call("POST", kPods, pod);
  const std::string target = absl::StrCat(kPods, "/a");
  const Json marked = server.Call("DELETE", target).body;
  EXPECT_EQ(TextAt(marked, {"metadata", "deletionTimestamp"}), "2026-01-01T00:00:30Z");
  EXPECT_EQ(IntegerAt(marked, {"metadata", "deletionGracePeriodSeconds"}), 30);
  EXPECT_EQ(server.Call("DELETE", target, {{"gracePeriodSeconds", 60}}).body, marked);
  EXPECT_EQ(IntegerAt(server.Call("DELETE", target + "?gracePeriodSeconds=5").body,
                      {"metadata", "deletionGracePeriodSeconds"}),
            5);
  EXPECT_EQ(server.Call("DELETE", target, {{"gracePeriodSeconds", 0}}).status, 200);
  EXPECT_EQ(server.Call("GET", target).status, 404);
}

}  // namespace binding_test
}  // namespace heat_scheduler::cluster
