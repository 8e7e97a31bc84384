#include "extender/handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "policy/scheduler_config.h"
#include "tests/extender/recording_sink.h"
#include "tests/support/sim_loop.h"

namespace heat_scheduler {
namespace handler_test {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kConfig[] = R"(
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: heat
  plugins: {multiPoint: {disabled: [{name: "*"}],
    enabled: [{name: PrioritySort}, {name: Heat}, {name: DefaultBinder}]}}
  pluginConfig: [{name: Heat, args: {mode: Score, hotLimitCelsius: 50}}]
- schedulerName: all
)";

class Extender : public ::testing::Test {
 protected:
  Extender() { Make(ExtenderProfiles::Create().value()); }

  void Make(ExtenderProfiles profiles) {
    handler_.emplace(loop_, *decoder_, std::move(profiles),
                     ExtenderOptions{.on_answer = [this](const ExtenderReport& report) {
                       reports_.push_back(report);
                     }});
  }

  void UseConfig() {
    const auto loaded = ParseSchedulerConfig(kConfig, "conf.yaml");
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    Make(ExtenderProfiles::Create(loaded->config).value());
  }

  // Posts to a loop that has nothing else to do; the answer has to be this status and JSON.
  json Ask(const std::string& path, const std::string& body, int status = 200) {
    loop_.RunFor(absl::ZeroDuration());
    const net::HttpResponse response = Post(*handler_, path, body);
    EXPECT_EQ(response.status, status) << response.body;
    return json::parse(response.body, nullptr, false);
  }

  std::string AskForText(const std::string& path, const std::string& body, int status) {
    loop_.RunFor(absl::ZeroDuration());
    const net::HttpResponse response = Post(*handler_, path, body);
    EXPECT_EQ(response.status, status);
    return response.body;
  }

  SimLoop loop_;
  std::unique_ptr<kube::Decoder> decoder_ = kube::MakeJsonDecoder();
  std::vector<ExtenderReport> reports_;
  std::optional<ExtenderHandler> handler_;
};

std::vector<std::string> NamesOf(const json& nodes) {
  std::vector<std::string> names;
  for (const json& node : nodes.at("items")) names.push_back(node.at("metadata").at("name"));
  return names;
}

// ---- As the ancestor was asked ----

struct AncestorRow {
  std::string name;
  std::vector<std::optional<std::string>> temperatures;
  std::size_t chosen;
};

class Ancestor : public Extender, public testing::WithParamInterface<AncestorRow> {};

TEST_P(Ancestor, TakesTheCoolestNodeAlone) {
  std::vector<std::string> documents;
  for (std::size_t i = 0; i < GetParam().temperatures.size(); ++i) {
    // Names against the order of the request: that of the request decides.
    documents.push_back(NodeDocument(absl::StrCat("n", 9 - i), GetParam().temperatures[i]));
  }
  for (const char* path : {"/filter", "/", "/any/verb", "/heat/score", "/filter?timeout=5s"}) {
    const json answer = Ask(path, NodesBody(documents));
    EXPECT_THAT(NamesOf(answer.at("Nodes")), ElementsAre(absl::StrCat("n", 9 - GetParam().chosen)))
        << path;
    EXPECT_EQ(answer.at("FailedNodes").size(), documents.size() - 1);
    EXPECT_EQ(answer.at("Error"), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Table, Ancestor,
                         testing::ValuesIn(std::vector<AncestorRow>{
                             {"FirstOfThree", {"50.5", "70.5", "80.5"}, 0},
                             {"LastOfThree", {"80.5", "70.5", "50.5"}, 2},
                             {"MiddleOfThree", {"80.5", "50.5", "70.5"}, 1},
                             {"OneIsNoNumber", {"55.5", "65.5", "illigal"}, 0},
                             {"OneIsEmpty", {"55.5", "65.5", ""}, 0},
                             {"NoneIsANumber", {"x", "", std::nullopt}, 0},
                             {"EquallyCool", {"60", "50", "50.0"}, 1},
                             {"NotANumber", {"NaN", "70"}, 1},
                             {"Infinite", {"-Inf", "70", "Inf"}, 1},
                             {"OnlyOne", {"90"}, 0},
                         }),
                         [](const auto& row) { return row.param.name; });

TEST_F(Extender, SaysWhyTheOthersWerePassedOver) {
  const json answer =
      Ask("/filter", NodesBody({NodeDocument("warm", "44.5"), NodeDocument("cool", "37.5")}));
  EXPECT_EQ(answer.at("FailedNodes").at("warm"),
            "node(s) were passed over by Heat, which took the coolest at 37.5 C of 2 nodes; next "
            "warm at 44.5 C");
  EXPECT_THAT(answer.at("FailedAndUnresolvableNodes"), IsEmpty());
}

// ---- Profiles ----

TEST_F(Extender, HeatKeepsAllNodesAndScoresThem) {
  const std::string body = NodesBody({NodeDocument("d", "58.5"), NodeDocument("a", "37.5"),
                                      NodeDocument("c", "51.5"), NodeDocument("b", "44.5")});
  EXPECT_THAT(NamesOf(Ask("/heat/filter", body).at("Nodes")), ElementsAre("d", "a", "c", "b"));
  // 36, 71, 48 and 59 points.
  EXPECT_EQ(Ask("/heat/prioritize", body),
            json::parse(R"([{"Host":"d","Score":0},{"Host":"a","Score":10},
                            {"Host":"c","Score":3},{"Host":"b","Score":7}])"));
  EXPECT_EQ(Ask("/prioritize", body), Ask("/heat/prioritize", body));
}

TEST_F(Extender, HeatKeepsTheLimitOfItsConfiguration) {
  UseConfig();
  const json answer =
      Ask("/heat/filter", NodesBody({NodeDocument("hot", "51.5"), NodeDocument("mild", "44.5"),
                                     NodeDocument("unknown", std::nullopt)}));
  EXPECT_THAT(NamesOf(answer.at("Nodes")), ElementsAre("mild", "unknown"));
  EXPECT_EQ(answer.at("FailedAndUnresolvableNodes"),
            json({{"hot", "node(s) were hotter than 50 C"}}));
}

TEST_F(Extender, ReturnsTheVeryBytes) {
  const std::string odd =
      "{ \"metadata\" : {\"name\":\"n\\u0031\", "
      "\"uid\":\"\\/\",\"annotations\":{}},\n\t\"x\":1.50e1 }";
  loop_.RunFor(absl::ZeroDuration());
  const net::HttpResponse response = Post(*handler_, "/heat/filter", NodesBody({odd}));
  EXPECT_THAT(response.body, HasSubstr("\"items\":[" + odd + "]"));
  ASSERT_EQ(response.headers.size(), 1u);
  EXPECT_EQ(response.headers[0].value, "application/json");
}

TEST_F(Extender, OneBadNodeHarmsNoOther) {
  const std::string bad = R"({"metadata":{"name":"bad"},"status":{"allocatable":{"cpu":"x"}}})";
  const std::string body = NodesBody({NodeDocument("a", "60"), bad, NodeDocument("b", "50")});
  const json answer = Ask("/filter", body);
  EXPECT_THAT(NamesOf(answer.at("Nodes")), ElementsAre("b"));
  EXPECT_THAT(answer.at("FailedAndUnresolvableNodes").at("bad").get<std::string>(),
              HasSubstr("node(s) could not be read: Node bad: status.allocatable.cpu: "));
  EXPECT_EQ(Ask("/prioritize", body), json::parse(R"([{"Host":"a","Score":0},
      {"Host":"b","Score":10},{"Host":"bad","Score":0}])"));
  EXPECT_THAT(NamesOf(Ask("/heat/filter", NodesBody({bad})).at("Nodes")), IsEmpty());
}

TEST_F(Extender, NominationsAreTheCallersAffair) {
  const std::string body =
      R"({"pod":{"metadata":{"name":"p"},"status":{"nominatedNodeName":"b"}},"nodes":{"items":[)" +
      NodeDocument("a", "1") + "," + NodeDocument("b", "2") + "]}}";
  EXPECT_THAT(NamesOf(Ask("/heat/filter", body).at("Nodes")), ElementsAre("a", "b"));
}

TEST_F(Extender, ReportsEachAnswer) {
  Ask("/filter", NodesBody({NodeDocument("a", "1"), NodeDocument("b", "2")}));
  Ask("/heat/filter", "{}");
  ASSERT_EQ(reports_.size(), 2u);
  EXPECT_EQ(reports_[0].verb, "coolest");
  EXPECT_EQ(reports_[0].profile, "coolest");
  EXPECT_EQ(reports_[0].pod, "default/web");
  EXPECT_EQ(reports_[0].nodes, 2u);
  EXPECT_EQ(reports_[0].kept, 1u);
  EXPECT_EQ(reports_[0].problem, "");
  EXPECT_EQ(reports_[1].verb, "filter");
  EXPECT_EQ(reports_[1].profile, "heat");
  EXPECT_EQ(reports_[1].problem, "the request has no Pod");
}

// ---- What cannot be decided ----

struct BadRow {
  std::string name;
  std::string path;
  std::string body;
  int status;
  std::string problem;
};

constexpr char kPod[] = R"("Pod":{"metadata":{"name":"p"}})";

class BadRequest : public Extender, public testing::WithParamInterface<BadRow> {};

TEST_P(BadRequest, IsAnsweredWithWhatIsWrong) {
  UseConfig();
  const std::string body = AskForText(GetParam().path, GetParam().body, GetParam().status);
  const std::string problem =
      GetParam().status == 200 ? json::parse(body).at("Error").get<std::string>() : body;
  EXPECT_THAT(problem, HasSubstr(GetParam().problem));
}

std::string With(const std::string& fields) { return absl::StrCat("{", kPod, ",", fields, "}"); }

INSTANTIATE_TEST_SUITE_P(
    Table, BadRequest,
    testing::ValuesIn(std::vector<BadRow>{
        {"Empty", "/filter", "", 400, "the request cannot be read: it is no JSON"},
        {"NoObject", "/prioritize", "[]", 400, "the request cannot be read: expected an object"},
        {"Truncated", "/heat/filter", "{\"Pod\":{", 400, "the request cannot be read"},
        {"NoPod", "/filter", R"({"Nodes":{"items":[{}]}})", 200, "the request has no Pod"},
        {"PodWithoutName", "/filter", R"({"Pod":{},"NodeNames":[]})", 200, "name is missing"},
        {"BadPod", "/filter",
         R"({"Pod":{"metadata":{"name":"p"},"spec":{"overhead":{"cpu":"x"}}},"NodeNames":[]})", 200,
         "Pod p: spec.overhead.cpu: "},
        {"PodOnANode", "/filter",
         R"({"Pod":{"metadata":{"name":"p","namespace":"d"},"spec":{"nodeName":"n"}}})", 200,
         "pod \"d/p\" is on node \"n\" already"},
        {"NoNodes", "/filter", With("\"x\":1"), 200, "neither Nodes nor NodeNames"},
        {"BothForms", "/filter", With(R"("Nodes":{"items":[]},"NodeNames":[])"), 200,
         "both Nodes and NodeNames"},
        {"NoNodeToChooseFrom", "/filter", With(R"("Nodes":{"items":[]})"), 200,
         "no node to choose from"},
        {"NullItems", "/heat/filter", With(R"("Nodes":{"items":null})"), 200,
         "no node to choose from"},
        {"NamesAlone", "/heat/filter", With(R"("NodeNames":["a"])"), 200,
         "set nodeCacheCapable: false"},
        {"NodesTwice", "/filter",
         With(R"("Nodes":{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"a"}}]})"), 200,
         "Nodes.items[1]: node \"a\" is there twice"},
        {"NodeWithoutName", "/filter", With(R"("Nodes":{"items":[{}]})"), 200,
         "Nodes.items[0]: Node: metadata: name is missing"},
        {"ProfileThatReadsPods", "/all/filter",
         With(R"("Nodes":{"items":[{"metadata":{"name":"a"}}]})"), 200,
         "set nodeCacheCapable: true"},
        {"PrioritizeHasNoError", "/heat/prioritize", With(R"("NodeNames":["a"])"), 500,
         "set nodeCacheCapable: false"},
        {"BindIsOff", "/heat/bind", "{}", 200, "the verb bind is switched off"},
        {"PreemptIsOff", "/preempt", "{}", 501, "the verb preempt is switched off"},
        {"BadPath", "/%zz/filter", "{}", 400, "%"},
    }),
    [](const auto& row) { return row.param.name; });

TEST_F(Extender, AnswersProbesAndRefusesOtherMethods) {
  for (const char* path : {"/healthz", "/livez", "/readyz"}) {
    const auto answer = Send(*handler_, {.method = "GET", .target = path});
    EXPECT_EQ(answer->response->status, 200);
    EXPECT_EQ(answer->response->body, "ok\n");
  }
  for (const char* method : {"GET", "PUT", "DELETE"}) {
    const auto answer = Send(*handler_, {.method = method, .target = "/filter"});
    EXPECT_EQ(answer->response->status, 405);
    EXPECT_EQ(net::FindHeader(answer->response->headers, "Allow"), "POST");
  }
}

}  // namespace handler_test
}  // namespace heat_scheduler
