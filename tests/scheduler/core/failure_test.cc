#include "scheduler/core/failure.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/scheduler/core/machine.h"

namespace heat_scheduler {
namespace failure_test {

class Collected : public EffectSink {
 public:
  void Emit(Effect effect) override { lines.push_back(Describe(effect)); }
  std::vector<std::string> lines;
};

TEST(TruncateNote, LeavesWhatFits) {
  EXPECT_EQ(TruncateNote(""), "");
  EXPECT_EQ(TruncateNote(std::string(1024, 'a')), std::string(1024, 'a'));
}

TEST(TruncateNote, Row42CutsTo1024BytesAndSaysSo) {
  const std::string note = TruncateNote(std::string(1025, 'a'));
  EXPECT_EQ(note, std::string(1020, 'a') + " ...");
}

TEST(TruncateNote, Row42CutsBetweenCharacters) {
  // Three bytes each: 340 of them are 1,020 bytes, one byte more shifts the cut.
  std::string euros = "x";
  for (int i = 0; i < 400; ++i) euros += "\u20ac";
  const std::string note = TruncateNote(euros);
  EXPECT_EQ(note.size(), 1u + 339 * 3 + 4);
  EXPECT_EQ(note.substr(note.size() - 7), "\u20ac ...");
}

TEST(EmitFailure, WritesTheConditionOnlyIfThePodDoesNotShowIt) {
  ClusterState cluster;
  Collected effects;
  const PodRecord& bare = cluster.UpsertPod(MakePod("p").Ref());
  EmitFailure(bare, kReasonUnschedulable, "no", std::nullopt, effects);
  EXPECT_EQ(effects.lines,
            (std::vector<std::string>{"status default/p Unschedulable: no",
                                      "event default/p Warning FailedScheduling Scheduling: no"}));
  const PodRecord& shown = cluster.UpsertPod(
      MakePod("p").Condition({"PodScheduled", "False", "Unschedulable", "no"}).Ref());
  effects.lines.clear();
  EmitFailure(shown, kReasonUnschedulable, "no", "", effects);
  EXPECT_EQ(effects.lines,
            (std::vector<std::string>{"event default/p Warning FailedScheduling Scheduling: no"}));
  effects.lines.clear();
  EmitFailure(shown, kReasonSchedulerError, "no", "", effects);
  EXPECT_EQ(effects.lines.front(), "status default/p SchedulerError: no");
}

TEST(EmitFailure, ChangesTheNominationOnlyIfItDiffers) {
  ClusterState cluster;
  Collected effects;
  const PodRecord& pod =
      cluster.UpsertPod(MakePod("p")
                            .Nominated("n1")
                            .Condition({"PodScheduled", "False", "Unschedulable", "no"})
                            .Ref());
  EmitFailure(pod, kReasonUnschedulable, "no", "n1", effects);
  EXPECT_EQ(effects.lines.size(), 1u);
  effects.lines.clear();
  EmitFailure(pod, kReasonUnschedulable, "no", "", effects);
  EXPECT_EQ(effects.lines.front(), "status default/p Unschedulable: no nominated=");
  effects.lines.clear();
  EmitFailure(pod, kReasonUnschedulable, "no", "n2", effects);
  EXPECT_EQ(effects.lines.front(), "status default/p Unschedulable: no nominated=n2");
}

}  // namespace failure_test
}  // namespace heat_scheduler
