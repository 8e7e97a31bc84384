// A scheduler that calls other people's extenders, against the embedded cluster.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "cluster/registry.h"
#include "extender/handler.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/default_profile.h"
#include "policy/legacy_policy.h"
#include "policy/scheduler_config.h"
#include "tests/live/live_cluster.h"
#include "tests/support/scripted_handler.h"

namespace heat_scheduler {
namespace extenders_test {

using nlohmann::json;
using ::testing::HasSubstr;

class Extenders : public ::testing::Test {
 protected:
  Extenders() {
    live_.AddNode("n1", "50.5");
    live_.AddNode("n2", "31.5");
    server_.Otherwise([this](const auto&, auto sink) { never_.push_back(std::move(sink)); });
    live_.documents = {.pending_pods = true, .nodes = true};
  }
  ~Extenders() override { live_.KillScheduler(); }

  // Starts a scheduler with the default profile and that extender, behind server_.
  void Start(ExtenderConfig extender) {
    extender.url_prefix = "http://127.0.0.1:8100";
    live_.options.extender_transports = {&wire_};
    live_.make_machine = [extender] {
      std::vector<Profile> profiles;
      profiles.push_back(DefaultProfile().value());
      return Scheduler::Create(std::move(profiles), {.extenders = {extender}}).value();
    };
    live_.StartScheduler();
  }

  LiveCluster live_;
  std::vector<std::shared_ptr<net::ResponseSink>> never_;  // Those that get no answer.
  ScriptedHandler server_;
  SimTransport wire_{live_.loop(), &server_};
};

TEST_F(Extenders, AreSentThePodAndTheNodesAsTheApiHasThem) {
  server_.Otherwise(Reply(200, R"({"Nodes":{"items":[{"metadata":{"name":"n1"}}]},)"
                               R"("FailedNodes":{"n2":"reserved"}})"));
  Start({.filter_verb = "filter"});
  live_.AddPod("web");
  ASSERT_TRUE(live_.UntilBound("web"));
  EXPECT_EQ(live_.NodeOf("web"), "n1");
  const json request = json::parse(server_.requests().at(0).body);
  const json& pod = request["Pod"];
  EXPECT_EQ(pod["metadata"]["name"], "web");
  // What scheduling does not read is there as well; what kube-scheduler leaves out is not.
  EXPECT_EQ(pod["spec"]["containers"][0]["image"], "busybox");
  EXPECT_EQ(pod["metadata"].count("managedFields"), 0u);
  EXPECT_EQ(request["Nodes"]["items"].size(), 2u);
  EXPECT_EQ(request["Nodes"]["items"][1]["metadata"]["annotations"]["nerdalize/temp"], "31.5");
  const Metrics& metrics = live_.metrics();
  EXPECT_EQ(metrics.extender_calls.Get({"http://127.0.0.1:8100", "filter", "success"}), 1);
  live_.AddPod("equal");
  ASSERT_TRUE(live_.UntilBound("equal")) << "pods of one template share what they have in common";
}

TEST_F(Extenders, Row32ADeadOneDelaysItsOwnPodsAlone) {
  Start({.filter_verb = "filter",
         .node_cache_capable = true,
         .managed_resources = {{"example.com/gpu"}}});
  const auto made = live_.server().registry().Create(
      cluster::PodResource(), "default",
      json::parse(R"({"metadata":{"name":"gpu"},"spec":{"schedulerName":"heat-scheduler",
        "containers":[{"name":"c","image":"x","resources":{"limits":{"example.com/gpu":"0"},
        "requests":{"example.com/gpu":"0"}}}]}})"),
      {"test", "test"});
  ASSERT_TRUE(made.ok()) << made.error().message;
  ASSERT_TRUE(live_.Until([&] { return !server_.requests().empty(); }));
  live_.AddPod("web");
  ASSERT_TRUE(live_.Until([&] { return live_.BoundPods() == 1; }, absl::Seconds(1)));
  EXPECT_EQ(live_.NodeOf("web"), "n2");
  ASSERT_TRUE(live_.Until([&] { return !live_.EventsOf("gpu").empty(); }));
  EXPECT_THAT(live_.EventsOf("gpu")[0]["note"].dump() + live_.EventsOf("gpu")[0]["message"].dump(),
              HasSubstr("http://127.0.0.1:8100"));
}

TEST_F(Extenders, Row31APodIsPlacedWithoutAnIgnorableOneThatIsDown) {
  wire_.Connect(nullptr);
  Start({.filter_verb = "filter", .ignorable = true});
  live_.AddPod("web");
  ASSERT_TRUE(live_.UntilBound("web"));
  EXPECT_EQ(live_.NodeOf("web"), "n2");
}

TEST_F(Extenders, Row31APodWaitsForOneThatIsDownAndIsPlacedWhenItIsBack) {
  wire_.Connect(nullptr);
  Start({.filter_verb = "filter", .node_cache_capable = true});
  live_.AddPod("web");
  live_.loop().RunFor(absl::Minutes(1));
  EXPECT_EQ(live_.NodeOf("web"), "");
  server_.Otherwise(Reply(200, R"({"NodeNames":["n1"]})"));
  wire_.Connect(&server_);
  ASSERT_TRUE(live_.UntilBound("web"));
  EXPECT_EQ(live_.NodeOf("web"), "n1");
}

class BindingExtender : public Extenders {
 protected:
  // Has the extender bind the pod to that node, whatever it is asked.
  void Bind(const std::string& pod, const std::string& node) {
    net::HttpRequest request{.method = "POST",
                             .target = "/api/v1/namespaces/default/pods/" + pod + "/binding",
                             .headers = {{"Content-Type", "application/json"}},
                             .body = R"({"apiVersion":"v1","kind":"Binding","metadata":{"name":")" +
                                     pod + R"("},"target":{"kind":"Node","name":")" + node +
                                     "\"}}"};
    live_.network().Send(std::move(request), {}, [](const auto&) {});
  }
  std::size_t OwnBindings() { return live_.Requests("POST", "/binding") - by_extender_; }

  std::size_t by_extender_ = 0;
};

TEST_F(BindingExtender, BindsInOurPlace) {
  server_.Otherwise([this](const net::HttpRequest& request, const auto& sink) {
    Bind("web", json::parse(request.body)["Node"]);
    ++by_extender_;
    live_.loop().RunAfter(absl::Milliseconds(50), [sink] { sink->Send({.body = "{}"}); });
  });
  Start({.bind_verb = "bind"});
  live_.AddPod("web");
  ASSERT_TRUE(live_.Until([&] { return !live_.EventsOf("web").empty(); }));
  EXPECT_EQ(live_.NodeOf("web"), "n2");
  EXPECT_EQ(live_.EventsOf("web")[0]["reason"], "Scheduled");
  EXPECT_EQ(OwnBindings(), 0u);
}

TEST_F(BindingExtender, ThatSaysSoAndDidNotIsNotBelieved) {
  server_.Otherwise(Reply(200, "{}"));
  Start({.bind_verb = "bind"});
  live_.AddPod("web");
  ASSERT_TRUE(live_.Until([&] { return !live_.EventsOf("web").empty(); }));
  EXPECT_EQ(live_.EventsOf("web")[0]["reason"], "FailedScheduling");
  EXPECT_THAT(live_.EventsOf("web")[0].dump(), HasSubstr("which is on no node"));
}

TEST_F(BindingExtender, ThatDoesNotAnswerButBindsIsSeenToHaveBound) {
  server_.Otherwise([this](const net::HttpRequest& request, auto sink) {
    never_.push_back(std::move(sink));
    live_.loop().RunAfter(absl::Seconds(20), [this, node = json::parse(request.body)["Node"]] {
      Bind("web", node);
      ++by_extender_;
    });
  });
  Start({.bind_verb = "bind"});
  live_.AddPod("web");
  ASSERT_TRUE(live_.Until([&] { return !live_.EventsOf("web").empty(); }));
  EXPECT_EQ(live_.EventsOf("web")[0]["reason"], "Scheduled");
  EXPECT_EQ(OwnBindings(), 0u);
}

TEST_F(BindingExtender, ThatIsIgnorableAndFailsLeavesTheBindingToUs) {
  server_.Otherwise(Reply(500, "no"));
  Start({.bind_verb = "bind", .ignorable = true});
  live_.AddPod("web");
  ASSERT_TRUE(live_.UntilBound("web"));
  EXPECT_EQ(OwnBindings(), 1u);
}

// The training: its ConfigMap's policy for pods with schedulerName heat-scheduler, beside a
// container that is asked on :8100, nodes with temperatures, podpi9, one node made cooler, podpi10.
constexpr char kTrainingPolicy[] = R"({
  "kind" : "Policy", "apiVersion" : "v1",
  "predicates" : [
    {"name" : "PodFitsResources"}, {"name" : "PodFitsHostPorts"}, {"name" : "NoDiskConflict"}],
  "extenders" : [{"urlPrefix": "http://127.0.0.1:8100", "apiVersion": "v1",
                  "filterVerb": "filter", "enableHttps": false}]})";

TEST(Training, PodsGoToTheCoolestNodeThroughItsPolicyAndItsExtender) {
  LiveCluster live;
  live.AddNode("node1", "40");
  live.AddNode("node2", "30");
  live.AddNode("node3", "35");
  live.AddNode("node4", "20");
  const ConvertedPolicy policy =
      ConvertPolicy(kTrainingPolicy, "policy.cfg", "heat-scheduler").value();

  const std::unique_ptr<kube::Decoder> decoder = kube::MakeJsonDecoder();
  ExtenderHandler extender(live.loop(), *decoder, ExtenderProfiles::Create().value(), {});
  SimTransport wire(live.loop(), &extender);
  live.options.extender_transports = {&wire};
  live.documents = {.pending_pods = true, .nodes = true};
  live.make_machine = [&policy] {
    LoadedConfig loaded = ParseSchedulerConfig(policy.config.dump(), "policy.cfg").value();
    HS_CHECK(loaded.config.extenders.size() == 1, "the policy has an extender");
    return Scheduler::Create(std::move(loaded.profiles), {.extenders = loaded.config.extenders})
        .value();
  };
  live.StartScheduler();
  live.AddPod("podpi9");
  ASSERT_TRUE(live.UntilBound("podpi9"));
  EXPECT_EQ(live.NodeOf("podpi9"), "node4");
  live.SetTemperature("node2", "10");
  live.loop().RunFor(absl::Seconds(1));
  live.AddPod("podpi10");
  ASSERT_TRUE(live.UntilBound("podpi10"));
  EXPECT_EQ(live.NodeOf("podpi10"), "node2");
  live.KillScheduler();
}

}  // namespace extenders_test
}  // namespace heat_scheduler
