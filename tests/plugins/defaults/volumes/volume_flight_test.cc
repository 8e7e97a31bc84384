// Pods whose claims are bound on their way to a node: the plugin in the machine, from the choice to
// the binding, and what becomes of the volumes when it fails.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/default_profile.h"
#include "scheduler/explain/explainer.h"
#include "tests/plugins/defaults/volumes/storage_objects.h"
#include "tests/scheduler/core/machine.h"

namespace heat_scheduler {
namespace volume_flight_test {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using Outcome = VolumesReply::Outcome;

constexpr char kBindP[] = "bind default/p on n1";

// Nodes n1 and n2, of which Heat prefers n1; the volume "pv", of class "static"; claims "data" and
// "other" of that class, "new" of "dynamic".
class VolumeFlight : public testing::Test {
 protected:
  VolumeFlight() {
    Show(ObjectOf(WaitingClass("static", "kubernetes.io/no-provisioner")));
    Show(ObjectOf(WaitingClass("dynamic", "csi.example.com")));
    Show(MakeVolume("pv").Class("static").ResourceVersion("1"));
    Show(MakeClaim("data").Class("static").ResourceVersion("1"));
    Show(MakeClaim("other").Class("static").ResourceVersion("1"));
    Show(MakeClaim("new").Class("dynamic").ResourceVersion("1"));
    machine_.Show(MakeNode("n1").Cpu("4").Pods(9).Annotation("nerdalize/temp", "10"));
    machine_.Show(MakeNode("n2").Cpu("4").Pods(9).Annotation("nerdalize/temp", "20"));
  }

  void Show(const kube::Object& object) { machine_.Handle(ObjectChanged{object}); }
  void Gone(const kube::Object& object) { machine_.Handle(ObjectGone{object}); }

  // Answers the latest BindVolumesEffect.
  void Reply(Outcome outcome, std::size_t written, std::string message = "") {
    machine_.Handle(VolumesReply{{}, ticket_, outcome, written, std::move(message)});
  }

  // Decides on what is active; returns what is to be done, but for what only tells.
  Machine::Lines Run() {
    machine_.Run();
    Machine::Lines lines;
    for (const Effect& effect : machine_->TakeEffects()) {
      if (std::holds_alternative<EventEffect>(effect)) continue;
      if (std::holds_alternative<AbortedEffect>(effect)) continue;
      if (const auto* volumes = std::get_if<BindVolumesEffect>(&effect)) ticket_ = volumes->ticket;
      lines.push_back(Describe(effect));
    }
    return lines;
  }

  // Shows the claim "data" bound to "pv" by both sides.
  void ShowBound() {
    Show(MakeVolume("pv").Class("static").For("data", "data-uid").ResourceVersion("2"));
    Show(MakeClaim("data").Class("static").BoundTo("pv").ResourceVersion("3"));
  }

  Machine machine_{*DefaultProfile(),
                   {.tie_rule = TieRule::kSmallestName, .history_bytes = 1 << 20}};
  std::uint64_t ticket_ = 0;
};

TEST_F(VolumeFlight, BindsTheClaimThenThePod) {
  machine_.Show(OurPod("p").Claim("data"));
  EXPECT_THAT(Run(), ElementsAre("volumes default/p on n1 data=pv"));
  ShowBound();
  EXPECT_THAT(Run(), IsEmpty());
  Reply(Outcome::kWritten, 1);
  EXPECT_THAT(Run(), ElementsAre(kBindP));
  machine_.Reply("p", BindReply::Outcome::kBound);
  EXPECT_EQ(machine_->cluster().assumed_volumes().PlanOf("default-p-uid"), nullptr);
  EXPECT_EQ(machine_->volume_bindings_failed(), 0u);
}

TEST_F(VolumeFlight, WaitsForTheProvisioner) {
  machine_.Show(OurPod("p").Claim("new"));
  EXPECT_THAT(Run(), ElementsAre("volumes default/p on n1 new="));
  Reply(Outcome::kWritten, 1);
  EXPECT_THAT(Run(), IsEmpty());
  Show(MakeClaim("new").Class("dynamic").SelectedNode("n1").ResourceVersion("2"));
  Show(MakeClaim("new").Class("dynamic").SelectedNode("n1").BoundTo("made").ResourceVersion("3"));
  EXPECT_THAT(Run(), IsEmpty());
  Show(MakeVolume("made").For("new", "new-uid"));
  EXPECT_THAT(Run(), ElementsAre(kBindP));
}

TEST_F(VolumeFlight, GivesNoVolumeTwiceAndTellsOthersOnceItIsFree) {
  machine_.Show(OurPod("p").Claim("data"));
  machine_.Show(OurPod("q").Claim("other"));
  EXPECT_THAT(Run(), ElementsAre("volumes default/p on n1 data=pv",
                                 StartsWith("status default/q Unschedulable: 0/2 nodes are "
                                            "available: 2 node(s) didn't find available "
                                            "persistent volumes to bind.")));
  // It was refused: "pv" is not what it was.
  Reply(Outcome::kFailed, 0, "conflict");
  machine_.Pass(absl::Milliseconds(500));
  EXPECT_THAT(Run(), Contains("status default/p SchedulerError: running PreBind plugin "
                              "\"VolumeBinding\": conflict"));
  machine_.Pass(absl::Seconds(2));
  EXPECT_THAT(Run(), Contains(StartsWith("volumes default/")));
  EXPECT_EQ(machine_->volume_bindings_failed(), 1u);
}

TEST_F(VolumeFlight, APodThatGoesGivesItsVolumesBack) {
  machine_.Show(OurPod("p").Claim("data"));
  machine_.Show(OurPod("q").Claim("other"));
  Run();
  machine_.Gone(OurPod("p").Claim("data"));
  machine_.Pass(absl::Seconds(2));
  // What is under way may yet be done.
  EXPECT_THAT(Run(), IsEmpty());
  Reply(Outcome::kFailed, 0, "not wanted any more");
  EXPECT_THAT(Run(), ElementsAre("volumes default/q on n1 other=pv"));
}

TEST_F(VolumeFlight, APodOfAnotherClaimTakesWhatTheApiShowsAsFree) {
  machine_.Show(OurPod("p").Claim("data"));
  Run();
  machine_.Gone(OurPod("p").Claim("data"));
  // The write was done, and its volume given back by hand.
  Reply(Outcome::kWritten, 1);
  Show(MakeVolume("pv").Class("static").ResourceVersion("5"));
  machine_.Show(OurPod("q").Claim("other"));
  EXPECT_THAT(Run(), ElementsAre("volumes default/q on n1 other=pv"));
}

TEST_F(VolumeFlight, GivesUpAfterTheTimeout) {
  machine_.Show(OurPod("p").Claim("data"));
  Run();
  Reply(Outcome::kWritten, 1);
  machine_.Pass(absl::Seconds(599));
  EXPECT_THAT(Run(), IsEmpty());
  machine_.Pass(absl::Seconds(1));
  EXPECT_THAT(Run(), ElementsAre("status default/p SchedulerError: running PreBind plugin "
                                 "\"VolumeBinding\": binding volumes: context deadline exceeded"));
}

TEST_F(VolumeFlight, GoesElsewhereWhenTheProvisionerCannot) {
  machine_.Show(OurPod("p").Claim("new"));
  Run();
  Reply(Outcome::kWritten, 1);
  Show(MakeClaim("new").Class("dynamic").SelectedNode("n1").ResourceVersion("2"));
  machine_.Show(MakeNode("n1").Cpu("4").Pods(9).Annotation("nerdalize/temp", "90"));
  kube::PersistentVolumeClaim failed = MakeClaim("new").Class("dynamic").ResourceVersion("3");
  failed.metadata.annotations["volume.kubernetes.io/storage-provisioner"] = "csi.example.com";
  Show(ObjectOf(failed));
  EXPECT_THAT(Run(), ElementsAre("status default/p SchedulerError: running PreBind plugin "
                                 "\"VolumeBinding\": binding volumes: provisioning failed for PVC "
                                 "\"new\""));
  machine_.Pass(absl::Seconds(2));
  EXPECT_THAT(Run(), ElementsAre("volumes default/p on n2 new="));
}

TEST_F(VolumeFlight, LeavesANodeThatGoes) {
  machine_.Show(OurPod("p").Claim("data"));
  Run();
  Reply(Outcome::kWritten, 1);
  machine_.Gone(MakeNode("n1"));
  EXPECT_THAT(Run(), Contains(testing::HasSubstr("node \"n1\" was deleted")));
  // The claim has its volume already.
  ShowBound();
  machine_.Pass(absl::Seconds(2));
  EXPECT_THAT(Run(), ElementsAre("bind default/p on n2"));
}

TEST_F(VolumeFlight, PodsThatShareAClaimWaitTogether) {
  machine_.Show(OurPod("p").Claim("data"));
  machine_.Show(OurPod("q").Claim("data"));
  const Machine::Lines wanted = Run();
  EXPECT_THAT(wanted,
              ElementsAre("volumes default/p on n1 data=pv", "volumes default/q on n1 data=pv"));
  Reply(Outcome::kWritten, 1);
  --ticket_;
  Reply(Outcome::kWritten, 1);
  ShowBound();
  EXPECT_THAT(Run(), testing::UnorderedElementsAre(kBindP, "bind default/q on n1"));
}

TEST_F(VolumeFlight, AnEarlierDecisionIsMadeAgainWithWhatWasAssumedThen) {
  machine_.Show(OurPod("p").Claim("data"));
  machine_.Show(OurPod("q").Claim("other"));
  Run();
  // The volume is given back, and goes to the other.
  Reply(Outcome::kFailed, 0, "conflict");
  machine_.Gone(OurPod("p").Claim("data"));
  machine_.Pass(absl::Seconds(2));
  EXPECT_THAT(Run(), Contains("volumes default/q on n1 other=pv"));
  const Explainer explainer(*machine_, [](const std::string&) { return DefaultProfile(); });
  const auto first = explainer.Explain("default", "q", 1);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(first->contains("differs")) << first->dump(1);
  EXPECT_EQ(first->at("decision").at("node"), "");
  const auto last = explainer.Explain("default", "q", std::nullopt);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_FALSE(last->contains("differs")) << last->dump(1);
  EXPECT_EQ(last->at("decision").at("node"), "n1");
}

TEST_F(VolumeFlight, CountsClaimsAsBoundIfItIsToldTo) {
  machine_.Show(OurPod("p").Claim("data"));
  Run();
  Reply(Outcome::kBound, 1);
  EXPECT_THAT(Run(), ElementsAre(kBindP));
  machine_.Reply("p", BindReply::Outcome::kBound);
  Run();
  machine_.Show(OurPod("q").Claim("other"));
  EXPECT_THAT(Run(), Contains(StartsWith("status default/q Unschedulable")));
}

}  // namespace volume_flight_test
}  // namespace heat_scheduler
