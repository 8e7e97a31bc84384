// Requests that name their nodes, decided in the live cluster.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file_reader.h"
#include "extender/handler.h"
#include "nlohmann/json.hpp"
#include "policy/scheduler_config.h"
#include "tests/extender/recording_sink.h"
#include "tests/support/objects.h"
#include "tests/support/sim_loop.h"

namespace heat_scheduler {
namespace live_cluster_test {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Answers bind with what it is told to, later.
class FakeBinder final : public ExtenderBinder {
 public:
  void Bind(const BindingArguments& arguments, Done done) override {
    asked = arguments;
    answer = std::move(done);
  }
  BindingArguments asked;
  Done answer;
};

constexpr char kConfig[] = R"(
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: all
- schedulerName: limited
  plugins: {multiPoint: {disabled: [{name: "*"}],
    enabled: [{name: PrioritySort}, {name: Heat}, {name: NodeResourcesFit}, {name: DefaultBinder}]}}
  pluginConfig: [{name: Heat, args: {mode: Score, hotLimitCelsius: 50}}]
)";

class NamedNodes : public ::testing::Test {
 protected:
  NamedNodes() {
    const std::vector<std::string> temperatures = {"37.5", "44.5", "51.5", "58.5"};
    for (std::size_t i = 0; i < temperatures.size(); ++i) {
      cluster_.UpsertNode(MakeNode(absl::StrCat("pi-", i + 1))
                              .Cpu("3600m")
                              .Memory("4Gi")
                              .Pods(110)
                              .Annotation("nerdalize/temp", temperatures[i])
                              .Ref());
    }
    const auto loaded = ParseSchedulerConfig(kConfig, "conf.yaml");
    handler_ = std::make_unique<ExtenderHandler>(
        loop_, *decoder_, ExtenderProfiles::Create(loaded->config).value(),
        ExtenderOptions{
            .live = {&cluster_, [this] { return synced_; }}, .binder = &binder_, .preempt = true});
  }

  json Ask(const std::string& path, const std::string& body) {
    loop_.RunFor(absl::ZeroDuration());
    const net::HttpResponse response = Post(*handler_, path, body);
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body, nullptr, false);
  }

  static std::string Names(const std::vector<std::string>& names, const std::string& spec = "{}") {
    return absl::StrCat(R"({"Pod":{"metadata":{"name":"p","namespace":"d","uid":"u"},"spec":)",
                        spec, R"(},"NodeNames":[")", absl::StrJoin(names, "\",\""), "\"]}");
  }

  static json Call(const std::string& file) {
    return json::parse(ReadFile(std::string(CALLS_DIR) + "/" + file).value());
  }

  SimLoop loop_;
  ClusterState cluster_;
  bool synced_ = true;
  FakeBinder binder_;
  std::unique_ptr<kube::Decoder> decoder_ = kube::MakeJsonDecoder();
  std::unique_ptr<ExtenderHandler> handler_;
};

TEST_F(NamedNodes, AreFilteredAndScored) {
  const json filter = Call("v1.36-names/001-filter.json");
  EXPECT_EQ(Ask("/filter", filter.at("body").dump()).at("NodeNames"), json({"pi-1"}));
  EXPECT_EQ(Ask("/heat/filter", filter.at("body").dump()).at("NodeNames"),
            filter.at("body").at("NodeNames"));
  const json prioritize = Call("v1.36-names/002-prioritize.json");
  EXPECT_EQ(Ask(prioritize.at("path"), prioritize.at("body").dump()).size(),
            prioritize.at("body").at("NodeNames").size());
}

TEST_F(NamedNodes, CountWhatIsOnThem) {
  cluster_.UpsertPod(MakePod("big").Cpu("3").Node("pi-2").Ref());
  const std::string pod = R"({"containers":[{"name":"c","resources":{"requests":{"cpu":"1"}}}]})";
  for (const char* path : {"/limited/filter", "/all/filter"}) {
    const json answer = Ask(path, Names({"pi-2", "pi-1"}, pod));
    EXPECT_EQ(answer.at("NodeNames"), json({"pi-1"})) << path;
    EXPECT_EQ(answer.at("FailedNodes"), json({{"pi-2", "Insufficient cpu"}})) << path;
  }
}

TEST_F(NamedNodes, AreNotChangedByBeingAskedAbout) {
  const std::uint64_t before = cluster_.sequence();
  const std::string spec = R"({"affinity":{"podAntiAffinity":{
      "requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname",
      "labelSelector":{"matchLabels":{"app":"x"}}}]}}})";
  const std::uint64_t selectors = cluster_.selectors_version();
  for (int i = 0; i < 3; ++i) Ask("/all/filter", Names({"pi-1", "pi-2"}, spec));
  EXPECT_EQ(cluster_.sequence(), before);
  EXPECT_EQ(cluster_.selectors_version(), selectors);
  EXPECT_EQ(cluster_.pod_count(), 0u);
}

// Plugins remember what they have found out about a class of pods.
TEST_F(NamedNodes, AreFilteredForEachPodAnew) {
  cluster_.UpsertPod(MakePod("d/x").Label("app", "x").Node("pi-1").Ref());
  const auto spec = [](const std::string& app) {
    return R"({"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[)"
           R"({"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":")" +
           app + R"("}}}]}}})";
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Ask("/all/filter", Names({"pi-1"}, spec("x"))).at("NodeNames"), json::array());
    EXPECT_EQ(Ask("/all/filter", Names({"pi-1"}, spec("d"))).at("NodeNames"), json({"pi-1"}));
  }
}

TEST_F(NamedNodes, FailAloneIfTheyAreNotKnown) {
  const json answer = Ask("/heat/filter", Names({"gone", "pi-1"}));
  EXPECT_EQ(answer.at("NodeNames"), json({"pi-1"}));
  EXPECT_EQ(answer.at("FailedAndUnresolvableNodes"),
            json({{"gone", "node(s) were not known to heat-scheduler"}}));
  EXPECT_EQ(Ask("/heat/prioritize", Names({"gone", "pi-2", "pi-1"})),
            json::parse(R"([{"Host":"pi-2","Score":0},{"Host":"pi-1","Score":10},
                            {"Host":"gone","Score":0}])"));
}

TEST_F(NamedNodes, AreNamedOnce) {
  EXPECT_EQ(Ask("/filter", Names({"pi-1", "pi-2", "pi-1"})).at("Error"),
            "NodeNames[2]: node \"pi-1\" is there twice");
}

TEST_F(NamedNodes, AreNotDecidedOnBeforeTheClusterIsKnown) {
  synced_ = false;
  EXPECT_EQ(Ask("/filter", Names({"pi-1"})).at("Error"),
            "the cluster has not been read yet; try again later");
  // What a request carries needs no cluster.
  EXPECT_EQ(Ask("/filter", NodesBody({NodeDocument("a", "40")})).at("Error"), "");
}

// ---- preempt ----

class Victims : public NamedNodes {
 protected:
  // Puts the victims of the recorded call where it says they are.
  void PlaceVictims(const json& victims) {
    for (const auto& [node, of_node] : victims.items()) {
      for (const json& pod : of_node.at("Pods")) {
        const std::string uid =
            pod.value("UID", pod.value(json::json_pointer("/metadata/uid"), ""));
        cluster_.UpsertPod(MakePod(absl::StrCat("v-", node)).Uid(uid).Cpu("3").Node(node).Ref());
      }
    }
  }
};

TEST_F(Victims, OfBothFormsGoAsRecorded) {
  const json names = Call("v1.36-names/003-preempt.json");
  const json nodes = Call("v1.36-nodes/002-preempt.json");
  PlaceVictims(names.at("body").at("NodeNameToMetaVictims"));
  EXPECT_EQ(Ask("/all/preempt", names.at("body").dump()), names.at("reply"));
  for (const PodRecord* pod : cluster_.pods()) cluster_.RemovePod(PodKey(pod->facts));
  PlaceVictims(nodes.at("body").at("NodeNameToVictims"));
  EXPECT_EQ(Ask("/all/preempt", nodes.at("body").dump()), nodes.at("reply"));
}

TEST_F(Victims, HaveToBeWhereTheCallerThinks) {
  cluster_.UpsertPod(MakePod("a").Uid("ua").Cpu("3").Node("pi-1").Ref());
  cluster_.UpsertPod(MakePod("b").Uid("ub").Cpu("3").Node("pi-2").Ref());
  cluster_.UpsertPod(MakePod("c").Uid("uc").Cpu("3").Node("pi-3").Ref());
  const std::string pod =
      R"("Pod":{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","resources":{"requests":)"
      R"({"cpu":"2"}}}]}})";
  const auto ask = [&](const std::string& path, const std::string& victims) {
    return Ask(path, absl::StrCat("{", pod, R"(,"nodeNameToMetaVictims":{)", victims, "}}"))
        .at("NodeNameToMetaVictims");
  };
  const json ua = {{"pi-1", {{"Pods", {{{"UID", "ua"}}}}, {"NumPDBViolations", 2}}}};
  EXPECT_EQ(ask("/all/preempt", R"("pi-1":{"Pods":[{"UID":"ua"}],"NumPDBViolations":2})"), ua);
  // Another's victim, one that is unknown, one named twice, a node that is unknown.
  EXPECT_THAT(ask("/all/preempt", R"("pi-1":{"Pods":[{"UID":"ub"}]})"), IsEmpty());
  EXPECT_THAT(ask("/all/preempt", R"("pi-1":{"Pods":[{"UID":"ux"}]})"), IsEmpty());
  EXPECT_THAT(ask("/all/preempt", R"("pi-1":{"Pods":[{"UID":"ua"},{"UID":"ua"}]})"), IsEmpty());
  EXPECT_THAT(ask("/all/preempt", R"("gone":{"Pods":[]})"), IsEmpty());
  // No victim: the node has to do as it is.
  EXPECT_THAT(ask("/all/preempt", R"("pi-1":{"Pods":[]})"), IsEmpty());
  EXPECT_EQ(ask("/all/preempt", R"("pi-4":{"Pods":null})").size(), 1u);
  // That they go does not cool the node.
  EXPECT_THAT(ask("/limited/preempt", R"("pi-3":{"Pods":[{"UID":"uc"}]})"), IsEmpty());
  EXPECT_EQ(cluster_.columns().pods[cluster_.FindNode("pi-1")].size(), 1u);
}

TEST_F(Victims, ThatCannotBeReadAreRefused) {
  for (const auto& [body, problem] : std::vector<std::pair<std::string, std::string>>{
           {R"({"nodeToVictims":[]})", "nodeToVictims: expected an object"},
           {R"({"nodeToVictims":{"n":{"Pods":[{}]}}})",
            "nodeToVictims[\"n\"].Pods[0]: expected a UID"},
           {R"({"nodeToVictims":{"n":{"Pods":[null]}}})",
            "nodeToVictims[\"n\"].Pods[0]: expected an object"},
           {R"({"nodeToVictims":{"n":{"NumPDBViolations":1.5}}})",
            "nodeToVictims[\"n\"].NumPDBViolations: expected an integer"}}) {
    loop_.RunFor(absl::ZeroDuration());
    const net::HttpResponse response = Post(*handler_, "/preempt", body);
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(response.body, HasSubstr(problem));
  }
}

// ---- bind ----

TEST_F(NamedNodes, BindIsAnsweredWhenItIsKnown) {
  const auto record =
      Send(*handler_, {.method = "POST",
                       .target = "/heat/bind",
                       .body = R"({"PodName":"p","PodNamespace":"d","podUID":"u","Node":"pi-1"})"});
  EXPECT_FALSE(record->response.has_value());
  EXPECT_EQ(binder_.asked.pod_name, "p");
  EXPECT_EQ(binder_.asked.pod_namespace, "d");
  EXPECT_EQ(binder_.asked.pod_uid, "u");
  EXPECT_EQ(binder_.asked.node, "pi-1");
  binder_.answer("no such pod");
  ASSERT_TRUE(record->response.has_value());
  EXPECT_EQ(record->response->status, 200);
  EXPECT_EQ(record->response->body, R"({"Error":"no such pod"})");
}

TEST_F(NamedNodes, BindMayBeAnsweredAfterTheEnd) {
  const auto record =
      Send(*handler_, {.method = "POST", .target = "/bind", .body = R"({"PodName":"p"})"});
  handler_.reset();
  binder_.answer("");
  EXPECT_FALSE(record->response.has_value());
}

}  // namespace live_cluster_test
}  // namespace heat_scheduler
