#include "extender/received_nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace heat_scheduler {
namespace received_nodes_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Node(const std::string& name, const std::string& label = "x") {
  return absl::StrCat(R"({"metadata":{"name":")", name, R"(","labels":{"l":")", label, "\"}}}");
}

class ReceivedNodesTest : public ::testing::Test {
 protected:
  // Takes the documents, which have to be good.
  void Take(const std::vector<std::string>& documents) {
    const absl::Status status = TryTake(documents);
    ASSERT_TRUE(status.ok()) << status;
  }

  absl::Status TryTake(const std::vector<std::string>& documents) {
    return received_.Take(std::vector<std::string_view>(documents.begin(), documents.end()));
  }

  // The cluster's nodes, each with its label.
  std::vector<std::string> Cluster() {
    std::vector<std::string> nodes;
    const auto& columns = received_.cluster().columns();
    for (const NodeId row : received_.cluster().nodes()) {
      nodes.push_back(columns.name[row] + columns.node[row]->metadata.labels.at("l"));
    }
    return nodes;
  }

  // The names of what was taken, in its order.
  std::vector<std::string> Rows() {
    std::vector<std::string> names;
    for (const NodeId row : received_.rows()) {
      names.push_back(row == kNoNode ? "-" : received_.cluster().columns().name[row]);
    }
    return names;
  }

  std::unique_ptr<kube::Decoder> decoder_ = kube::MakeJsonDecoder();
  ReceivedNodes received_{*decoder_, 200};
};

TEST_F(ReceivedNodesTest, AreThoseOfTheLastRequestAlone) {
  Take({Node("b"), Node("a"), Node("c")});
  EXPECT_THAT(Rows(), ElementsAre("b", "a", "c"));
  EXPECT_THAT(Cluster(), ElementsAre("ax", "bx", "cx"));
  Take({Node("d"), Node("b")});
  EXPECT_THAT(Rows(), ElementsAre("d", "b"));
  EXPECT_THAT(Cluster(), ElementsAre("bx", "dx"));
  Take({});
  EXPECT_THAT(Cluster(), IsEmpty());
  Take({Node("c"), Node("a"), Node("b")});
  EXPECT_THAT(Cluster(), ElementsAre("ax", "bx", "cx"));
}

TEST_F(ReceivedNodesTest, AreReadAgainWhenTheyHaveChanged) {
  Take({Node("a", "1"), Node("b", "1")});
  Take({Node("b", "2"), Node("a", "1")});
  EXPECT_THAT(Cluster(), ElementsAre("a1", "b2"));
  // Back to what is known.
  Take({Node("a", "1"), Node("b", "1")});
  EXPECT_THAT(Cluster(), ElementsAre("a1", "b1"));
}

TEST_F(ReceivedNodesTest, AreReadOnceForEachVersion) {
  Take({Node("a")});
  const kube::Ref<kube::Node> first = received_.cluster().columns().node[received_.rows()[0]];
  Take({Node("b"), Node("a")});
  EXPECT_EQ(received_.cluster().columns().node[received_.rows()[1]], first);
}

TEST_F(ReceivedNodesTest, AreForgottenWhenTheyTakeTooMuch) {
  Take({Node("a")});
  const std::weak_ptr<const kube::Node> first =
      received_.cluster().columns().node[received_.rows()[0]];
  for (int i = 0; i < 10; ++i) Take({Node(absl::StrCat("b", i))});
  EXPECT_TRUE(first.expired());
  Take({Node("a")});
  EXPECT_THAT(Cluster(), ElementsAre("ax"));
}

TEST_F(ReceivedNodesTest, LeavesOutThoseThatCannotBeRead) {
  Take({Node("a"), R"({"metadata":{"name":"b"},"status":{"allocatable":{"cpu":"lots"}}})",
        Node("c")});
  EXPECT_THAT(Rows(), ElementsAre("a", "-", "c"));
  EXPECT_THAT(Cluster(), ElementsAre("ax", "cx"));
  ASSERT_EQ(received_.bad().size(), 1u);
  EXPECT_EQ(received_.bad()[0].index, 1u);
  EXPECT_EQ(received_.bad()[0].name, "b");
  EXPECT_THAT(received_.bad()[0].problem, ::testing::HasSubstr("Node b: status.allocatable.cpu: "));
}

TEST_F(ReceivedNodesTest, CannotDoWithoutNames) {
  EXPECT_THAT(std::string(TryTake({Node("a"), "{}"}).message()),
              ::testing::StartsWith("Nodes.items[1]: Node: metadata: name is missing"));
  Take({Node("b")});
  EXPECT_THAT(Cluster(), ElementsAre("bx"));
}

TEST_F(ReceivedNodesTest, HaveNamesOfTheirOwn) {
  EXPECT_EQ(TryTake({Node("a", "1"), Node("b"), Node("a", "2")}).message(),
            "Nodes.items[2]: node \"a\" is there twice");
  EXPECT_EQ(TryTake({Node("a"), Node("a")}).message(), "Nodes.items[1]: node \"a\" is there twice");
  Take({Node("b")});
  EXPECT_THAT(Cluster(), ElementsAre("bx"));
}

}  // namespace received_nodes_test
}  // namespace heat_scheduler
