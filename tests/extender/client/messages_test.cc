#include "extender/client/messages.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/documents.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace messages_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;
using testing::Pair;

PodObjectRef PodOf(const std::string& document) {
  return kube::WithDocument<kube::Pod>(MakePod("p"), document);
}

NodeRef NodeOf(const std::string& name, const std::string& document) {
  return kube::WithDocument<kube::Node>(MakeNode(name), document);
}

TEST(Documents, AreKeptOfPodsOnNoNodeAndOfNodesWithoutManagedFields) {
  const auto decoder = kube::MakeDocumentKeepingDecoder({.pending_pods = true, .nodes = true});
  const auto pod = [&](const std::string& spec) {
    const std::string document =
        R"({ "kind": "Pod", "metadata": {"name":"p\u00e9", "managedFields":[{"manager":"x"}],)"
        R"("uid":"u"}, "spec": )" +
        spec + R"(, "new": [1.50, null, {"a": ""}]})";
    return std::get<kube::Ref<kube::Pod>>(
        decoder->DecodeObject(kube::Kind::kPod, document).value());
  };
  ASSERT_NE(kube::DocumentOf(pod("{}")), nullptr);
  EXPECT_EQ(*kube::DocumentOf(pod("{}")),
            "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\u00e9\",\"uid\":\"u\"},\"spec\":{},"
            "\"new\":[1.5,null,{\"a\":\"\"}]}");
  EXPECT_EQ(kube::DocumentOf(pod(R"({"nodeName":"n"})")), nullptr);
  EXPECT_EQ(kube::DocumentOf(MakePod("p").Ref()), nullptr);
  const auto page =
      decoder
          ->DecodeList(
              kube::Kind::kNode,
              R"({"kind":"NodeList","items":[{"metadata":{"managedFields":[],"name":"n"}}]})")
          .value();
  EXPECT_EQ(*kube::DocumentOf(std::get<kube::Ref<kube::Node>>(page.items.at(0))),
            R"({"metadata":{"name":"n"}})");
  const auto plain =
      kube::MakeJsonDecoder()->DecodeObject(kube::Kind::kNode, R"({"metadata":{"name":"n"}})");
  EXPECT_EQ(kube::DocumentOf(std::get<kube::Ref<kube::Node>>(*plain)), nullptr);
}

TEST(Arguments, NameTheNodesOrHaveThemInFull) {
  const PodObjectRef pod = PodOf(R"({"metadata":{"name":"p"}})");
  const std::vector<NodeRef> nodes = {NodeOf("a", R"({"x":1})"), NodeOf("b", R"({"x":2})")};
  EXPECT_EQ(WriteArguments(pod, nodes, true).value(),
            R"({"Pod":{"metadata":{"name":"p"}},"Nodes":null,"NodeNames":["a","b"]})");
  EXPECT_EQ(WriteArguments(pod, nodes, false).value(),
            R"({"Pod":{"metadata":{"name":"p"}},"Nodes":{"metadata":{},"items":[{"x":1},{"x":2}]},)"
            R"("NodeNames":null})");
}

TEST(Arguments, WantTheDocuments) {
  EXPECT_EQ(WriteArguments(MakePod("p").Ref(), {}, true).status().message(),
            "the pod's document was not kept");
  EXPECT_EQ(WriteArguments(PodOf("{}"), {MakeNode("a").Ref()}, false).status().message(),
            "the document of node \"a\" was not kept");
}

TEST(BindingArguments, AreWhatKubeSchedulerSends) {
  EXPECT_EQ(WriteBindingArguments({"default", "p", "u"}, "a"),
            R"({"PodName":"p","PodNamespace":"default","PodUID":"u","Node":"a"})");
}

TEST(FilterReplies, AreReadWhateverTheCaseOfTheirKeys) {
  const FilterReply names =
      ReadFilterReply(R"({"nodenames":["a"],"failedNodes":{"b":"hot"},)"
                      R"("FAILEDANDUNRESOLVABLENODES":{"c":"gone"},"error":null,"new":1})")
          .value();
  EXPECT_THAT(names.node_names, Optional(ElementsAre("a")));
  EXPECT_FALSE(names.nodes.has_value());
  EXPECT_THAT(names.failed, ElementsAre(Pair("b", "hot")));
  EXPECT_THAT(names.unresolvable, ElementsAre(Pair("c", "gone")));
  const FilterReply full =
      ReadFilterReply(R"({"nodes":{"items":[{"metadata":{"name":"a"},"spec":{}}]},"Error":"no"})")
          .value();
  EXPECT_THAT(full.nodes, Optional(ElementsAre("a")));
  EXPECT_EQ(full.error, "no");
}

TEST(FilterReplies, OfNothingSayNothing) {
  for (const char* body : {"{}", "null", R"({"Nodes":null,"NodeNames":null})"}) {
    const FilterReply reply = ReadFilterReply(body).value();
    EXPECT_FALSE(reply.nodes.has_value() || reply.node_names.has_value()) << body;
  }
}

struct BadReply {
  std::string name;
  std::string body;
  std::string why;
};

class BadFilterReplies : public testing::TestWithParam<BadReply> {};

TEST_P(BadFilterReplies, AreRefusedWithTheirPlace) {
  const auto reply = ReadFilterReply(GetParam().body);
  ASSERT_FALSE(reply.ok());
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BadFilterReplies,
    testing::Values(
        BadReply{"Empty", "", "it is no JSON"}, BadReply{"Html", "<html>", "no JSON"},
        BadReply{"Cut", R"({"NodeNames":["a")", "it is no JSON"},
        BadReply{"TwoDocuments", "{}{}", "it is no JSON"},
        BadReply{"NoUtf8", "{\"Error\":\"\xff\"}", "it is no JSON"},
        BadReply{"Deep", std::string(5000, '['), "it is no JSON"},
        BadReply{"List", "[]", "expected an object"},
        BadReply{"Text", "\"x\"", "expected an object"},
        BadReply{"NamesAreText", R"({"NodeNames":"a"})", "NodeNames: expected an array"},
        BadReply{"ANameIsANumber", R"({"NodeNames":["a",1]})", "NodeNames[1]: expected a string"},
        BadReply{"ANodeWithoutAName", R"({"Nodes":{"items":[{}]}})",
                 "Nodes.items[0].metadata.name: expected the name of a node"},
        BadReply{"AReasonIsANumber", R"({"FailedNodes":{"a":1}})",
                 "FailedNodes[\"a\"]: expected a string"},
        BadReply{"TheErrorIsAnObject", R"({"Error":{}})", "Error: expected a string"}),
    [](const auto& row) { return row.param.name; });

TEST(PrioritizeReplies, AreListsOfHostsAndScores) {
  EXPECT_THAT(ReadPrioritizeReply(R"([{"Host":"a","Score":7},{"host":"b","score":-1},{}])").value(),
              ElementsAre(Pair("a", 7), Pair("b", -1), Pair("", 0)));
  EXPECT_THAT(ReadPrioritizeReply("null").value(), ElementsAre());
  EXPECT_EQ(ReadPrioritizeReply("{}").status().message(), "expected an array");
  EXPECT_EQ(ReadPrioritizeReply(R"([{"Score":1.5}])").status().message(),
            "[0].Score: expected an integer");
  EXPECT_EQ(ReadPrioritizeReply(R"([{"Score":9223372036854775808}])").status().message(),
            "[0].Score: expected an integer");
}

TEST(BindingReplies, HaveAnErrorOrNone) {
  EXPECT_EQ(ReadBindingReply(R"({"Error":"no"})").value(), "no");
  EXPECT_EQ(ReadBindingReply(R"({"error":""})").value(), "");
  EXPECT_EQ(ReadBindingReply("{}").value(), "");
  EXPECT_FALSE(ReadBindingReply("").ok());
}

}  // namespace messages_test
}  // namespace heat_scheduler
