#include "plugins/defaults/volumes/volume_binding.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "plugins/defaults/volumes/volume_binding_args.h"
#include "scheduler/framework/effects.h"
#include "tests/plugins/asking.h"
#include "tests/plugins/defaults/volumes/storage_objects.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace volume_binding_test {

using Answers = std::map<std::string, std::string>;
using Lines = std::vector<std::string>;

constexpr char kDriver[] = "csi.example.com";
constexpr char kNoMatch[] =
    "UnschedulableAndUnresolvable: node(s) didn't match PersistentVolume's node affinity";
constexpr char kNoVolume[] =
    "UnschedulableAndUnresolvable: node(s) didn't find available persistent volumes to bind";
constexpr char kNoSpace[] =
    "UnschedulableAndUnresolvable: node(s) did not have enough free storage";
constexpr char kGone[] =
    "UnschedulableAndUnresolvable: node(s) unavailable due to one or more pvc(s) bound to "
    "non-existent pv(s)";

class Sink final : public EffectSink {
 public:
  void Emit(Effect effect) override {
    effects.push_back(std::get<BindVolumesEffect>(std::move(effect)));
  }
  std::vector<BindVolumesEffect> effects;
};

// Nodes a1, a2 of zone a and b1 of zone b; classes "static" (no provisioner) and "dynamic".
class VolumeBindingTest : public testing::Test {
 protected:
  VolumeBindingTest() {
    Put(*cluster_, {ObjectOf(WaitingClass("static", "kubernetes.io/no-provisioner")),
                    ObjectOf(WaitingClass("dynamic", kDriver)), ObjectOf(ImmediateClass("now"))});
  }

  std::string PreFilter(const PodBuilder& pod) {
    return Asking(*cluster_, pod, plugin_).PreFilter();
  }
  Answers Filter(const PodBuilder& pod) { return Asking(*cluster_, pod, plugin_).Filter(); }

  // Returns what the pod's claims get on a node: "claim=volume", "claim=" for a new one.
  Lines Choices(const PodBuilder& pod, const std::string& node) {
    Asking asking(*cluster_, pod, plugin_);
    EXPECT_EQ(asking.PreFilter(), "ok");
    Lines lines;
    for (const ClaimChoice& choice : ChoicesOf(asking, node)) {
      lines.push_back(
          absl::StrCat(choice.claim.namespace_, "/", choice.claim.name, "=", choice.volume));
    }
    return lines;
  }

  // Has what is chosen for the pod on the node assumed, as the machine does.
  void Reserve(const PodBuilder& pod, const std::string& node) {
    Asking asking(*cluster_, pod, plugin_);
    ASSERT_EQ(asking.PreFilter(), "ok");
    std::vector<ClaimChoice> choices = ChoicesOf(asking, node);
    if (choices.empty()) return;
    cluster_->assumed_volumes().Assume(PodKey(asking.cycle().facts()), node, std::move(choices));
  }
  void Unreserve(const PodBuilder& pod) {
    cluster_->assumed_volumes().Forget(PodKey(pod.Ref()->metadata));
  }

  // Asks PreBind; adds a line for each write that it wants: "data=pv", "new@a1", and notes that
  // they are under way.
  std::string PreBind(const PodBuilder& pod, const std::string& node) {
    Sink sink;
    Asking asking(*cluster_, pod, plugin_);
    const StepResult result = plugin_.PreBind(asking.cycle(), cluster_->FindNode(node), sink);
    std::string text = Text(result.status.code, result.status.reasons);
    if (result.status.code == Code::kWait) {
      text = absl::StrCat("wait ", absl::FormatDuration(result.wait.deadline), " or ", result.late);
    }
    for (const BindVolumesEffect& effect : sink.effects) {
      ticket_ = effect.ticket;
      cluster_->assumed_volumes().NoteSent(ticket_);
      for (const ClaimChoice& write : effect.writes) {
        absl::StrAppend(&text, " ", write.claim.name, write.volume.empty() ? "@" : "=",
                        write.volume.empty() ? effect.node : write.volume,
                        write.set_aside_by_user ? " (user's)" : "");
      }
    }
    return text;
  }
  // The writes were done, or the one after the first `written` was not.
  void Answer(std::size_t written, const std::string& error = "", bool bound = false) {
    std::string pod;
    cluster_->assumed_volumes().NoteWritten(ticket_, written, error, bound, pod);
  }

 private:
  std::vector<ClaimChoice> ChoicesOf(const Asking& asking, const std::string& node) {
    std::vector<ClaimChoice> choices;
    EXPECT_TRUE(plugin_.ChooseVolumes(asking.cycle(), cluster_->FindNode(node), choices).ok());
    return choices;
  }

 protected:
  const std::unique_ptr<ClusterState> cluster_ =
      MakeCluster({MakeNode("a1").Label("zone", "a"), MakeNode("a2").Label("zone", "a"),
                   MakeNode("b1").Label("zone", "b")});
  VolumeBinding plugin_;

 private:
  std::uint64_t ticket_ = 0;
};

TEST_F(VolumeBindingTest, IsLeftOutForPodsWithoutClaims) {
  EXPECT_EQ(PreFilter(MakePod("p")), "Skip");
}

TEST_F(VolumeBindingTest, RefusesPodsWhoseClaimsAreNotReady) {
  Put(*cluster_, {MakeClaim("lost").BoundTo("pv").Phase("Lost"), MakeClaim("going").Deleting(),
                  MakeClaim("p-theirs").OwnedBy("other"), MakeClaim("now").Class("now"),
                  MakeClaim("classless"), MakeClaim("unknown").Class("none"),
                  MakeClaim("named").Class("static").Volume("pv")});
  const std::string refused = "UnschedulableAndUnresolvable: ";
  EXPECT_EQ(PreFilter(MakePod("p").Claim("absent")),
            refused + "persistentvolumeclaim \"absent\" not found");
  EXPECT_EQ(PreFilter(MakePod("p").EphemeralVolume("absent")),
            refused +
                "waiting for ephemeral volume controller to create the "
                "persistentvolumeclaim \"p-absent\"");
  EXPECT_EQ(PreFilter(MakePod("p").Claim("lost")),
            refused +
                "persistentvolumeclaim \"lost\" bound to non-existent persistentvolume "
                "\"pv\"");
  EXPECT_EQ(PreFilter(MakePod("p").Claim("going")),
            refused + "persistentvolumeclaim \"going\" is being deleted");
  EXPECT_EQ(PreFilter(MakePod("p").EphemeralVolume("theirs")),
            refused + "PVC default/p-theirs was not created for pod default/p (pod is not owner)");
  for (const char* claim : {"now", "classless", "unknown", "named"}) {
    EXPECT_EQ(PreFilter(MakePod("p").Claim(claim)),
              refused + "pod has unbound immediate PersistentVolumeClaims")
        << claim;
  }
}

TEST_F(VolumeBindingTest, FailsOnAClassThatDoesNotSayWhenItBinds) {
  kube::StorageClass unset = WaitingClass("unset", kDriver);
  unset.binding_mode = kube::StorageClass::BindingMode::kUnset;
  Put(*cluster_, {ObjectOf(unset), MakeClaim("data").Class("unset")});
  EXPECT_EQ(PreFilter(MakePod("p").Claim("data")),
            "Error: VolumeBindingMode not set for StorageClass \"unset\"");
}

TEST_F(VolumeBindingTest, FollowsBoundVolumes) {
  Put(*cluster_, {MakeVolume("pv").ReachedFrom("zone", {"b", "c"}), MakeClaim("data").BoundTo("pv"),
                  MakeClaim("gone").BoundTo("gone")});
  EXPECT_EQ(Filter(MakePod("p").Claim("data")),
            (Answers{{"a1", kNoMatch}, {"a2", kNoMatch}, {"b1", "ok"}}));
  EXPECT_EQ(Filter(MakePod("p").Claim("gone")),
            (Answers{{"a1", kGone}, {"a2", kGone}, {"b1", kGone}}));
  EXPECT_EQ(Choices(MakePod("p").Claim("data"), "b1"), Lines{});
}

TEST_F(VolumeBindingTest, TranslatesVolumesOfPluginsThatAreMigratedOnTheNode) {
  kube::CsiNode migrated = MakeCsiNode("a1", "ebs.csi.aws.com", 9);
  migrated.metadata.annotations["storage.alpha.kubernetes.io/migrated-plugins"] =
      "kubernetes.io/aws-ebs";
  const auto ebs = kube::InTreeDisk::Plugin::kAwsElasticBlockStore;
  Put(*cluster_, {ObjectOf(migrated),
                  MakeVolume("pv").InTree(ebs, "vol-1").Label("topology.kubernetes.io/zone", "a"),
                  MakeClaim("data").BoundTo("pv")});
  EXPECT_EQ(Filter(MakePod("p").Claim("data")),
            (Answers{{"a1", kNoMatch}, {"a2", "ok"}, {"b1", "ok"}}));
  cluster_->UpsertNode(MakeNode("a1").Label("topology.ebs.csi.aws.com/zone", "a").Ref());
  EXPECT_EQ(Filter(MakePod("p").Claim("data")).at("a1"), "ok");
  Put(*cluster_, {MakeVolume("pv").InTree(ebs, "aws://x")});
  EXPECT_EQ(Filter(MakePod("p").Claim("data")).at("a1"),
            "Error: could not translate pv: failed to translate Kubernetes ID to EBS Volume ID "
            "Invalid format for AWS volume (aws://x)");
}

TEST_F(VolumeBindingTest, TakesTheSmallestVolumeThatIsLargeEnough) {
  Put(*cluster_, {MakeVolume("tiny").Class("static").Size("1Gi"),
                  MakeVolume("large").Class("static").Size("9Gi"),
                  MakeVolume("medium-2").Class("static").Size("5Gi"),
                  MakeVolume("medium-1").Class("static").Size("5Gi"),
                  MakeVolume("of-b").Class("static").Size("4Gi").ReachedFrom("zone", {"b"}),
                  MakeClaim("data").Class("static").Size("3Gi")});
  EXPECT_EQ(Choices(MakePod("p").Claim("data"), "a1"), Lines{"default/data=medium-1"});
  EXPECT_EQ(Choices(MakePod("p").Claim("data"), "b1"), Lines{"default/data=of-b"});
}

TEST_F(VolumeBindingTest, LooksAtVolumesThatWouldDoAlone) {
  Put(*cluster_,
      {MakeVolume("released").Class("static").Phase("Released"),
       MakeVolume("other-class").Class("dynamic"),
       MakeVolume("block").Class("static").VolumeMode("Block"),
       MakeVolume("going").Class("static").Deleting(), MakeVolume("taken").Class("static").For("x"),
       MakeVolume("unlabelled").Class("static"),
       MakeClaim("data").Class("static").Selector({{{"speed", "high"}}, {}}),
       MakeClaim("shared").Class("static").Mode("ReadWriteMany")});
  const Answers nowhere = {{"a1", kNoVolume}, {"a2", kNoVolume}, {"b1", kNoVolume}};
  EXPECT_EQ(Filter(MakePod("p").Claim("data")), nowhere);
  EXPECT_EQ(Filter(MakePod("p").Claim("shared")), nowhere);
  Put(*cluster_, {MakeVolume("fast").Class("static").Label("speed", "high")});
  EXPECT_EQ(Choices(MakePod("p").Claim("data"), "a1"), Lines{"default/data=fast"});
}

TEST_F(VolumeBindingTest, TakesTheVolumeThatIsSetAsideOrNone) {
  Put(*cluster_,
      {MakeVolume("small").Class("static"),
       MakeVolume("mine").Class("static").Size("9Gi").Phase("Pending").For("data").ReachedFrom(
           "zone", {"b"}),
       MakeClaim("data").Class("static")});
  EXPECT_EQ(Filter(MakePod("p").Claim("data")),
            (Answers{{"a1", kNoVolume}, {"a2", kNoVolume}, {"b1", "ok"}}));
  EXPECT_EQ(Choices(MakePod("p").Claim("data"), "b1"), Lines{"default/data=mine"});
  // Of another claim of that name it is not for this one.
  Put(*cluster_, {MakeVolume("mine").Class("static").For("data", "other-uid")});
  EXPECT_EQ(Choices(MakePod("p").Claim("data"), "b1"), Lines{"default/data=small"});
}

TEST_F(VolumeBindingTest, LetsSmallerClaimsChooseFirst) {
  Put(*cluster_,
      {MakeVolume("v2").Class("static").Size("2Gi"), MakeVolume("v3").Class("static").Size("3Gi"),
       MakeClaim("big").Class("static").Size("2Gi"), MakeClaim("small").Class("static").Size("1Gi"),
       MakeClaim("third").Class("static").Size("3Gi")});
  EXPECT_EQ(Choices(MakePod("p").Claim("big").Claim("small"), "a1"),
            (Lines{"default/small=v2", "default/big=v3"}));
  EXPECT_EQ(Filter(MakePod("p").Claim("big").Claim("small").Claim("third")).at("a1"), kNoVolume);
}

TEST_F(VolumeBindingTest, ProvisionsWhereTheClassAllowsIt) {
  kube::StorageClass zoned = WaitingClass("zoned", kDriver);
  zoned.allowed_topologies = {{Require("zone", kube::SelectorOperator::kIn, {"b", "c"})}};
  Put(*cluster_, {ObjectOf(zoned), MakeClaim("z").Class("zoned"), MakeClaim("d").Class("dynamic"),
                  MakeVolume("pv").Class("dynamic").ReachedFrom("zone", {"b"})});
  EXPECT_EQ(Filter(MakePod("p").Claim("z")),
            (Answers{{"a1", kNoVolume}, {"a2", kNoVolume}, {"b1", "ok"}}));
  EXPECT_EQ(Choices(MakePod("p").Claim("d"), "a1"), Lines{"default/d="});
  EXPECT_EQ(Choices(MakePod("p").Claim("d").Claim("z"), "b1"),
            (Lines{"default/d=pv", "default/z="}));
}

TEST_F(VolumeBindingTest, ProvisionsWhereThereIsEnoughSpace) {
  const auto capacity = [](const char* name, const char* zone, const char* amount) {
    kube::CsiStorageCapacity object;
    object.metadata.name = name;
    object.storage_class_name = "dynamic";
    object.node_topology = kube::LabelSelector{{{"zone", zone}}, {}};
    object.capacity = Q(amount);
    return object;
  };
  kube::CsiStorageCapacity limited = capacity("limited", "a", "99Gi");
  limited.maximum_volume_size = Q("4Gi");
  kube::CsiStorageCapacity unreachable = capacity("unreachable", "a", "99Gi");
  unreachable.node_topology.reset();
  kube::CsiDriver driver;
  driver.metadata.name = kDriver;
  Put(*cluster_,
      {ObjectOf(driver), ObjectOf(limited), ObjectOf(unreachable),
       ObjectOf(capacity("b", "b", "5Gi")), MakeClaim("data").Class("dynamic").Size("5Gi")});
  EXPECT_EQ(Filter(MakePod("p").Claim("data")),
            (Answers{{"a1", "ok"}, {"a2", "ok"}, {"b1", "ok"}}));
  driver.storage_capacity = true;
  Put(*cluster_, {ObjectOf(driver)});
  EXPECT_EQ(Filter(MakePod("p").Claim("data")),
            (Answers{{"a1", kNoSpace}, {"a2", kNoSpace}, {"b1", "ok"}}));
}

TEST_F(VolumeBindingTest, StaysWithTheNodeThatWasChosenBefore) {
  Put(*cluster_,
      {MakeClaim("data").Class("dynamic").SelectedNode("a2"), MakeVolume("pv").Class("dynamic")});
  EXPECT_EQ(Filter(MakePod("p").Claim("data")),
            (Answers{{"a1", kNoVolume}, {"a2", "ok"}, {"b1", kNoVolume}}));
  EXPECT_EQ(Choices(MakePod("p").Claim("data"), "a2"), Lines{"default/data="});
}

TEST_F(VolumeBindingTest, TellsSeveralReasonsOfOneNode) {
  Put(*cluster_, {MakeVolume("pv").ReachedFrom("zone", {"b"}), MakeClaim("bound").BoundTo("pv"),
                  MakeClaim("data").Class("static")});
  EXPECT_EQ(Filter(MakePod("p").Claim("bound").Claim("data")),
            (Answers{{"a1", absl::StrCat(kNoMatch,
                                         ", node(s) didn't find available persistent "
                                         "volumes to bind")},
                     {"a2", absl::StrCat(kNoMatch,
                                         ", node(s) didn't find available persistent "
                                         "volumes to bind")},
                     {"b1", kNoVolume}}));
}

TEST_F(VolumeBindingTest, GivesNoVolumeTwice) {
  Put(*cluster_, {MakeVolume("pv").Class("static").ResourceVersion("1"),
                  MakeClaim("one").Class("static"), MakeClaim("two").Class("static")});
  Reserve(MakePod("p").Claim("one"), "a1");
  EXPECT_EQ(Filter(MakePod("q").Claim("two")).at("a1"), kNoVolume);
  EXPECT_EQ(Choices(MakePod("r").Claim("one"), "a1"), Lines{"default/one=pv"});
  Unreserve(MakePod("p").Claim("one"));
  EXPECT_EQ(Choices(MakePod("q").Claim("two"), "a1"), Lines{"default/two=pv"});
}

TEST_F(VolumeBindingTest, BelievesTheApiOnceItShowsSomethingNewer) {
  Put(*cluster_, {MakeVolume("pv").Class("static").ResourceVersion("1"),
                  MakeClaim("one").Class("static"), MakeClaim("two").Class("static")});
  Reserve(MakePod("p").Claim("one"), "a1");
  Put(*cluster_, {MakeVolume("pv").Class("static").ResourceVersion("2")});
  EXPECT_EQ(Choices(MakePod("q").Claim("two"), "a1"), Lines{"default/two=pv"});
}

TEST_F(VolumeBindingTest, KeepsPodsOfOneClaimTogether) {
  Put(*cluster_, {MakeClaim("data").Class("dynamic")});
  Reserve(MakePod("p").Claim("data"), "a2");
  Reserve(MakePod("q").Claim("data"), "a2");
  const Answers together = {{"a1", kNoVolume}, {"a2", "ok"}, {"b1", kNoVolume}};
  EXPECT_EQ(Filter(MakePod("r").Claim("data")), together);
  // The other one still counts on it.
  Unreserve(MakePod("p").Claim("data"));
  EXPECT_EQ(Filter(MakePod("r").Claim("data")), together);
  Unreserve(MakePod("q").Claim("data"));
  EXPECT_EQ(Filter(MakePod("r").Claim("data")),
            (Answers{{"a1", "ok"}, {"a2", "ok"}, {"b1", "ok"}}));
}

constexpr char kWait[] = "wait 10m or binding volumes: context deadline exceeded";

TEST_F(VolumeBindingTest, HasItsChoicesWrittenAndWaitsUntilTheClaimsAreBound) {
  Put(*cluster_, {MakeVolume("pv").Class("static").ResourceVersion("1"),
                  MakeClaim("data").Class("static").ResourceVersion("2"),
                  MakeClaim("new").Class("dynamic").ResourceVersion("3")});
  const PodBuilder pod = MakePod("p").Claim("data").Claim("new");
  Reserve(pod, "a1");
  EXPECT_EQ(PreBind(pod, "a1"), absl::StrCat(kWait, " data=pv new@a1"));
  EXPECT_EQ(PreBind(pod, "a1"), kWait);
  Answer(2);
  // Nothing of it is shown yet.
  EXPECT_EQ(PreBind(pod, "a1"), kWait);
  Put(*cluster_, {MakeVolume("pv").Class("static").For("data", "data-uid").ResourceVersion("4")});
  EXPECT_EQ(PreBind(pod, "a1"), kWait);
  Put(*cluster_, {MakeClaim("data").Class("static").BoundTo("pv").ResourceVersion("6"),
                  MakeClaim("new").Class("dynamic").SelectedNode("a1").ResourceVersion("5")});
  EXPECT_EQ(PreBind(pod, "a1"), kWait);
  // The claim may be seen before its volume is.
  Put(*cluster_, {MakeClaim("new").Class("dynamic").SelectedNode("a1").BoundTo("made")});
  EXPECT_EQ(PreBind(pod, "a1"), kWait);
  Put(*cluster_, {MakeVolume("made").ReachedFrom("zone", {"a"})});
  EXPECT_EQ(PreBind(pod, "a1"), "ok");
  Unreserve(pod);
  Reserve(pod, "a1");
  EXPECT_EQ(PreBind(pod, "a1"), "ok");
}

TEST_F(VolumeBindingTest, WritesNothingThatTheApiSaysAlready) {
  Put(*cluster_,
      {MakeVolume("mine").Class("static").For("data", "data-uid"),
       MakeVolume("by-name").Class("static").For("other"), MakeClaim("data").Class("static"),
       MakeClaim("other").Class("static"), MakeClaim("new").Class("dynamic").SelectedNode("a1")});
  const PodBuilder pod = MakePod("p").Claim("data").Claim("new");
  Reserve(pod, "a1");
  EXPECT_EQ(PreBind(pod, "a1"), kWait);
  const PodBuilder second = MakePod("q").Claim("other");
  Reserve(second, "a1");
  EXPECT_EQ(PreBind(second, "a1"), absl::StrCat(kWait, " other=by-name (user's)"));
}

TEST_F(VolumeBindingTest, IsLeftOutWhileThePodIsInFlight) {
  Put(*cluster_, {MakeClaim("data").Class("dynamic")});
  const PodBuilder pod = MakePod("p").Claim("data");
  Reserve(pod, "a1");
  EXPECT_EQ(PreFilter(pod), "Skip");
  EXPECT_EQ(PreFilter(MakePod("q").Claim("data")), "ok");
}

TEST_F(VolumeBindingTest, AWriteThatFailsIsThePodsError) {
  Put(*cluster_, {MakeVolume("v1").Class("static"), MakeVolume("v2").Class("static"),
                  MakeClaim("one").Class("static"), MakeClaim("two").Class("static"),
                  MakeClaim("three").Class("static")});
  const PodBuilder pod = MakePod("p").Claim("one").Claim("two");
  Reserve(pod, "a1");
  EXPECT_EQ(PreBind(pod, "a1"), absl::StrCat(kWait, " one=v1 two=v2"));
  Answer(1, "conflict");
  EXPECT_EQ(PreBind(pod, "a1"), "Error: conflict");
  Unreserve(pod);
  // What was written stays as it is, until the API shows it.
  EXPECT_EQ(Choices(MakePod("q").Claim("three"), "a1"), Lines{"default/three=v2"});
  EXPECT_EQ(Filter(MakePod("q").Claim("three").Claim("two")).at("a1"), kNoVolume);
}

TEST_F(VolumeBindingTest, WhatMayYetBeWrittenIsGivenToNobodyElse) {
  Put(*cluster_, {MakeVolume("pv").Class("static"), MakeClaim("one").Class("static"),
                  MakeClaim("two").Class("static")});
  const PodBuilder pod = MakePod("p").Claim("one");
  Reserve(pod, "a1");
  EXPECT_EQ(PreBind(pod, "a1"), absl::StrCat(kWait, " one=pv"));
  Unreserve(pod);
  EXPECT_EQ(Filter(MakePod("q").Claim("two")).at("a1"), kNoVolume);
  // The same pod may be tried again meanwhile.
  Reserve(pod, "a1");
  Answer(0, "it gave up");
  EXPECT_EQ(Filter(MakePod("q").Claim("two")).at("a1"), kNoVolume);
  Unreserve(pod);
  EXPECT_EQ(Choices(MakePod("q").Claim("two"), "a1"), Lines{"default/two=pv"});
}

TEST_F(VolumeBindingTest, ClaimsThatCountAsBoundKeepTheirVolumes) {
  Put(*cluster_, {MakeVolume("pv").Class("static"), MakeClaim("one").Class("static"),
                  MakeClaim("two").Class("static")});
  const PodBuilder pod = MakePod("p").Claim("one");
  Reserve(pod, "a1");
  PreBind(pod, "a1");
  Answer(1, "", true);
  EXPECT_EQ(PreBind(pod, "a1"), "ok");
  Unreserve(pod);
  EXPECT_EQ(Filter(MakePod("q").Claim("two")).at("a1"), kNoVolume);
}

// What can go wrong while a pod waits, in kube-scheduler's words.
struct Setback {
  const char* name;
  std::vector<kube::Object> changed;
  std::vector<kube::Object> gone;
  const char* error;
};

class VolumeBindingSetback : public VolumeBindingTest,
                             public testing::WithParamInterface<Setback> {};

TEST_P(VolumeBindingSetback, EndsTheWait) {
  Put(*cluster_, {MakeVolume("pv").Class("static").ResourceVersion("1"),
                  MakeClaim("data").Class("static").ResourceVersion("1"),
                  MakeClaim("new").Class("dynamic").ResourceVersion("1")});
  const PodBuilder pod = MakePod("p").Claim("data").Claim("new");
  Reserve(pod, "a1");
  PreBind(pod, "a1");
  Answer(2);
  Put(*cluster_, {MakeVolume("pv").Class("static").For("data", "data-uid").ResourceVersion("2"),
                  MakeClaim("data").Class("static").BoundTo("pv").ResourceVersion("2"),
                  MakeClaim("new").Class("dynamic").SelectedNode("a1").ResourceVersion("2")});
  EXPECT_EQ(PreBind(pod, "a1"), kWait);
  for (const kube::Object& object : GetParam().changed) cluster_->UpsertObject(object);
  for (const kube::Object& object : GetParam().gone) cluster_->RemoveObject(object);
  EXPECT_EQ(PreBind(pod, "a1"), absl::StrCat("Error: binding volumes: ", GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Table, VolumeBindingSetback,
    testing::Values(
        Setback{"VolumeGone",
                {},
                {MakeVolume("pv")},
                R"(failed to check binding: persistentvolumes "pv" not found)"},
        Setback{"ClaimGone",
                {},
                {MakeClaim("data")},
                R"(failed to check binding: persistentvolumeclaims "default/data" not found)"},
        Setback{"VolumeOutOfReach",
                {MakeVolume("pv").For("data", "data-uid").ReachedFrom("zone", {"b"})},
                {},
                "pv \"pv\" node affinity doesn't match node \"a1\": no matching "
                "NodeSelectorTerms"},
        Setback{"VolumeGivenBack", {MakeVolume("pv")}, {}, R"(ClaimRef got reset for pv "pv")"},
        Setback{"VolumeOfAnother",
                {MakeVolume("pv").For("other", "other-uid")},
                {},
                R"(ClaimRef got reset for pv "pv")"},
        Setback{"AnotherVolume",
                {MakeClaim("data").BoundTo("other")},
                {},
                R"(PVC "data" got pv "other" instead of "pv")"},
        Setback{"ClaimToProvisionGone",
                {},
                {MakeClaim("new")},
                "failed to check provisioning pvc: persistentvolumeclaims \"default/new\" not "
                "found"},
        Setback{"ProvisionerGaveUp",
                {MakeClaim("new").BoundTo("x").Volume("")},
                {},
                R"(provisioning failed for PVC "new")"},
        Setback{"NodeTakenBack",
                {MakeClaim("new")},
                {},
                R"(selectedNode annotation reset for PVC "new")"},
        Setback{"ProvisionedOutOfReach",
                {MakeVolume("made").ReachedFrom("zone", {"b"}),
                 MakeClaim("new").SelectedNode("a1").Volume("made")},
                {},
                "pv \"made\" node affinity doesn't match node \"a1\": no matching "
                "NodeSelectorTerms"}),
    [](const auto& row) { return row.param.name; });

TEST_F(VolumeBindingTest, DoesNotScore) {
  Put(*cluster_, {MakeClaim("data").Class("dynamic")});
  Asking asking(*cluster_, MakePod("p").Claim("data"), plugin_);
  EXPECT_EQ(plugin_.PreScore(asking.cycle(), cluster_->nodes()).code, Code::kSkip);
}

TEST(VolumeBindingArgs, AreReadAndChecked) {
  using nlohmann::json;
  EXPECT_EQ(DecodeVolumeBindingArgs(nullptr)->bind_timeout_seconds, 600);
  EXPECT_EQ(DecodeVolumeBindingArgs({{"bindTimeoutSeconds", 0}})->bind_timeout_seconds, 0);
  const absl::Status status =
      DecodeVolumeBindingArgs({{"bindTimeoutSeconds", -1}, {"shape", json::array()}}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(status.message()).find("bindTimeoutSeconds: invalid"), std::string::npos);
  EXPECT_NE(std::string(status.message()).find("shape: unexpected field"), std::string::npos);
}

}  // namespace volume_binding_test
}  // namespace heat_scheduler
