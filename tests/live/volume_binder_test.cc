#include "live/volume_binder.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/live/fixture.h"

namespace heat_scheduler {
namespace volume_binder_test {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::StartsWith;

constexpr char kVolume[] = "/api/v1/persistentvolumes/pv";
constexpr char kClaim[] = "/api/v1/namespaces/default/persistentvolumeclaims/new";

// A pod that goes by a plan: the volume "pv" for its claim "data", and one to be provisioned for
// "new".
class VolumeBinderTest : public ScriptedApiTest {
 protected:
  VolumeBinderTest() {
    ShowVolume("1", "");
    ShowClaim("data", "2", "");
    ShowClaim("new", "3", "");
    ClaimChoice given;
    given.claim = Reference("data", "2");
    given.volume = "pv";
    given.volume_version = "1";
    ClaimChoice provisioned;
    provisioned.claim = Reference("new", "3");
    cluster_.assumed_volumes().Assume("u1", "n1", {given, provisioned});
  }

  static kube::ObjectReference Reference(const std::string& claim, const std::string& version) {
    kube::ObjectReference reference;
    reference.namespace_ = "default";
    reference.name = claim;
    reference.uid = claim + "-uid";
    reference.resource_version = version;
    return reference;
  }

  void ShowVolume(const std::string& version, const std::string& claim) {
    auto volume = std::make_shared<kube::PersistentVolume>();
    volume->metadata.name = "pv";
    volume->metadata.resource_version = version;
    if (!claim.empty()) {
      volume->claim_namespace = "default";
      volume->claim_name = claim;
      volume->claim_uid = claim + "-uid";
    }
    cluster_.UpsertObject(kube::Ref<kube::PersistentVolume>(std::move(volume)));
  }
  void ShowClaim(const std::string& name, const std::string& version, const std::string& node) {
    auto claim = std::make_shared<kube::PersistentVolumeClaim>();
    claim->metadata.namespace_ = "default";
    claim->metadata.name = name;
    claim->metadata.uid = name + "-uid";
    claim->metadata.resource_version = version;
    if (!node.empty()) claim->metadata.annotations["volume.kubernetes.io/selected-node"] = node;
    cluster_.UpsertObject(kube::Ref<kube::PersistentVolumeClaim>(std::move(claim)));
  }

  void Bind() {
    const VolumePlan& plan = *cluster_.assumed_volumes().PlanOf("u1");
    binder_.Bind({{"default", "p", "u1"}, plan.ticket, plan.node, plan.choices});
  }
  bool Settle() {
    return loop_.RunUntil([this] { return binder_.pending() == 0; }, absl::Minutes(10));
  }

  ClusterState cluster_;
  std::vector<std::string> replies_;
  VolumeBinder binder_{loop_, api_, metrics_, cluster_, 1, [this](const VolumesReply& reply) {
                         replies_.push_back(std::to_string(reply.written) +
                                            (reply.outcome == VolumesReply::Outcome::kFailed
                                                 ? " failed: " + reply.message
                                                 : " written"));
                       }};
  const Answer conflict_ = Reply(409, StatusBody(409, "Conflict", "it was modified"));
  const Answer away_ = Reply(503, StatusBody(503, "ServiceUnavailable", "away"));
};

TEST_F(VolumeBinderTest, SetsTheVolumeAsideAndNamesTheNode) {
  server_.Expect("PATCH", kVolume, Reply(200, "{}"));
  server_.Expect("PATCH", kClaim, Reply(200, "{}"));
  Bind();
  EXPECT_TRUE(replies_.empty());
  ASSERT_TRUE(Settle());
  EXPECT_THAT(replies_, ElementsAre("2 written"));
  EXPECT_EQ(json::parse(server_.requests()[0].body), json::parse(R"({
      "metadata": {"resourceVersion": "1",
                   "annotations": {"pv.kubernetes.io/bound-by-controller": "yes"}},
      "spec": {"claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim",
                            "namespace": "default", "name": "data", "uid": "data-uid",
                            "resourceVersion": "2"}}})"));
  EXPECT_EQ(json::parse(server_.requests()[1].body), json::parse(R"({
      "metadata": {"resourceVersion": "3",
                   "annotations": {"volume.kubernetes.io/selected-node": "n1"}}})"));
  EXPECT_EQ(metrics_.volume_writes.Get({"written"}), 1);
}

TEST_F(VolumeBinderTest, StopsAtAConflictWithSomethingElse) {
  server_.Expect("PATCH", kVolume, [this](const auto& request, auto sink) {
    ShowVolume("4", "other");
    conflict_(request, std::move(sink));
  });
  Bind();
  ASSERT_TRUE(Settle());
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_THAT(replies_[0], StartsWith("0 failed: "));
  EXPECT_EQ(metrics_.volume_writes.Get({"failed"}), 1);
}

TEST_F(VolumeBinderTest, AConflictWithWhatWasWantedIsNone) {
  server_.Expect("PATCH", kVolume, away_);
  server_.Expect("PATCH", kVolume, [this](const auto& request, auto sink) {
    ShowVolume("4", "data");
    conflict_(request, std::move(sink));
  });
  server_.Expect("PATCH", kClaim, [this](const auto& request, auto sink) {
    ShowClaim("new", "5", "n1");
    conflict_(request, std::move(sink));
  });
  Bind();
  ASSERT_TRUE(Settle());
  EXPECT_THAT(replies_, ElementsAre("2 written"));
}

TEST_F(VolumeBinderTest, SendsItAgainUntilTheWatchTellsOrTheServerTakesIt) {
  server_.Expect("PATCH", kVolume, conflict_);
  server_.Expect("PATCH", kVolume, away_);
  server_.Expect("PATCH", kVolume, Reply(200, "{}"));
  server_.Expect("PATCH", kClaim, [this](const auto& request, auto sink) {
    ShowClaim("new", "5", "n2");
    conflict_(request, std::move(sink));
  });
  Bind();
  ASSERT_TRUE(Settle());
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_THAT(replies_[0], StartsWith("1 failed: "));
}

TEST_F(VolumeBinderTest, ARefusalIsTheEnd) {
  server_.Expect("PATCH", kVolume, Reply(404, StatusBody(404, "NotFound", "gone")));
  Bind();
  ASSERT_TRUE(Settle());
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_THAT(replies_[0], StartsWith("0 failed: "));
}

TEST_F(VolumeBinderTest, WritesNothingMoreForAPodThatHasGivenUp) {
  server_.Expect("PATCH", kVolume, [this](const auto& request, auto sink) {
    const std::uint64_t ticket = cluster_.assumed_volumes().PlanOf("u1")->ticket;
    cluster_.assumed_volumes().NoteSent(ticket);
    cluster_.assumed_volumes().Forget("u1");
    Reply(200, "{}")(request, std::move(sink));
  });
  Bind();
  ASSERT_TRUE(Settle());
  EXPECT_THAT(replies_, ElementsAre("1 failed: not written: the pod has given up"));
}

TEST_F(VolumeBinderTest, AServerThatIsNotReachedFailsIt) {
  transport_.Connect(nullptr);
  Bind();
  ASSERT_TRUE(Settle());
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_THAT(replies_[0], StartsWith("0 failed: "));
  EXPECT_TRUE(server_.requests().empty());
}

}  // namespace volume_binder_test
}  // namespace heat_scheduler
