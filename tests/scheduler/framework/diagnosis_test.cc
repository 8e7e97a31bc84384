#include "scheduler/framework/diagnosis.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/scheduler/fake_plugins.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace diagnosis_test {

class FitErrorMessageTest : public testing::Test {
 protected:
  FitErrorMessageTest() {
    ProfileBuilder builder;
    // Detail: bit 0 cpu, bit 1 memory.
    builder.Add<FilterHook>("Fit").reasons = [](const Verdict& verdict) {
      std::vector<std::string> reasons;
      if ((verdict.detail & 1) != 0) reasons.push_back("Insufficient cpu");
      if ((verdict.detail & 2) != 0) reasons.push_back("Insufficient memory");
      return reasons;
    };
    builder.Add<FilterHook>("Taint").reasons = [](const Verdict&) {
      return std::vector<std::string>{"node(s) had untolerated taint(s)"};
    };
    profile_.emplace(builder.Build());
  }

  std::string Message(const Diagnosis& diagnosis, std::string_view post_filter = "") {
    CycleState state;
    const PodRecord& pod = cluster_.UpsertPod(MakePod("p").Ref());
    return FitErrorMessage({cluster_, pod, state, {}}, diagnosis, post_filter);
  }

  NodeRejection By(std::size_t filter, std::uint64_t detail = 0) {
    return {next_node_++, &profile_->filter()[filter], Unschedulable(detail)};
  }

  std::optional<Profile> profile_;
  ClusterState cluster_;
  NodeId next_node_ = 0;
};

TEST_F(FitErrorMessageTest, WithoutNodesNothingIsAvailable) {
  EXPECT_EQ(Message({}), "no nodes available to schedule pods");
  EXPECT_EQ(Message({}, "preemption"), "no nodes available to schedule pods");
}

TEST_F(FitErrorMessageTest, CountsNodesByReasonAndANodeWithTwoReasonsInBoth) {
  Diagnosis diagnosis;
  diagnosis.node_count = 5;
  diagnosis.rejections = {By(0, 1), By(1), By(0, 3), By(1), By(1)};
  EXPECT_EQ(Message(diagnosis),
            "0/5 nodes are available: 1 Insufficient memory, 2 Insufficient cpu, 3 node(s) had "
            "untolerated taint(s).");
}

TEST_F(FitErrorMessageTest, SortsLinesAsText) {
  Diagnosis diagnosis;
  diagnosis.node_count = 13;
  for (int i = 0; i < 11; ++i) diagnosis.rejections.Add(By(1));
  for (int i = 0; i < 2; ++i) diagnosis.rejections.Add(By(0, 1));
  EXPECT_EQ(Message(diagnosis),
            "0/13 nodes are available: 11 node(s) had untolerated taint(s), 2 Insufficient cpu.");
}

TEST_F(FitErrorMessageTest, ARefusalInPreFilterStandsForAllNodes) {
  Diagnosis diagnosis;
  diagnosis.node_count = 3;
  diagnosis.pre_filter = Unresolvable("pod affinity terms conflict");
  EXPECT_EQ(Message(diagnosis), "0/3 nodes are available: pod affinity terms conflict.");
}

TEST_F(FitErrorMessageTest, NodesThatPreFilterLeftOutHaveTheirReason) {
  Diagnosis diagnosis;
  diagnosis.node_count = 3;
  diagnosis.narrowed_reason = "node(s) didn't satisfy plugin(s) [NodeAffinity]";
  diagnosis.rejections = {{0, nullptr, {Code::kUnschedulableAndUnresolvable, 0}},
                          By(0, 1),
                          {2, nullptr, {Code::kUnschedulableAndUnresolvable, 0}}};
  EXPECT_EQ(Message(diagnosis),
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) "
            "[NodeAffinity].");
}

TEST(Rejections, ThatPreFilterMadeAreFoundWithoutBeingListed) {
  const std::vector<NodeId> nodes = {4, 1, 3, 0};
  const std::vector<NodeId> left = {1, 0};
  Rejections rejections;
  rejections.Add({0, nullptr, {Code::kUnschedulable, 7}});
  rejections.AddNarrowedAway(nodes, left);
  EXPECT_EQ(rejections.size(), 3u);
  std::vector<NodeId> listed;
  for (const NodeRejection& rejection : rejections.List()) listed.push_back(rejection.node);
  EXPECT_EQ(listed, (std::vector<NodeId>{4, 3, 0}));
  EXPECT_EQ(rejections.NodesWith(Code::kUnschedulable), (std::vector<NodeId>{0}));
  EXPECT_EQ(rejections.NodesWith(Code::kUnschedulableAndUnresolvable), (std::vector<NodeId>{4, 3}));
  EXPECT_FALSE(rejections.Find(1).has_value());
  EXPECT_EQ(rejections.Find(0)->verdict.detail, 7u);
  EXPECT_EQ(rejections.Find(3)->verdict.code, Code::kUnschedulableAndUnresolvable);
}

TEST_F(FitErrorMessageTest, ThePostFilterMessageComesLast) {
  Diagnosis diagnosis;
  diagnosis.node_count = 1;
  diagnosis.rejections = {By(1)};
  EXPECT_EQ(Message(diagnosis, "preemption: no victims."),
            "0/1 nodes are available: 1 node(s) had untolerated taint(s). preemption: no victims.");
}

TEST_F(FitErrorMessageTest, WithoutAnyReasonNothingFollows) {
  Diagnosis diagnosis;
  diagnosis.node_count = 1;
  diagnosis.rejections = {By(0, 0)};
  EXPECT_EQ(Message(diagnosis), "0/1 nodes are available:");
}

}  // namespace diagnosis_test
}  // namespace heat_scheduler
