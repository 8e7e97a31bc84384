// Extenders in the machine: when they are asked about what, and what becomes of their answers.
#include "scheduler/core/extender_round.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scheduler/core/machine.h"

namespace heat_scheduler {
namespace extender_round_test {

using testing::ElementsAre;
using testing::IsEmpty;
using Lines = Machine::Lines;
using Outcome = BindReply::Outcome;

ExtenderConfig Filters(std::vector<ManagedResource> resources = {}) {
  return {.url_prefix = "http://filters",
          .filter_verb = "filter",
          .managed_resources = std::move(resources)};
}

ExtenderConfig Prioritizes() {
  return {.url_prefix = "http://prioritizes", .prioritize_verb = "prioritize", .weight = 1};
}

// Nodes a, b and c of 2 cpus; answers are given by hand.
class Extenders : public testing::Test {
 protected:
  Machine& Start(std::vector<ExtenderConfig> extenders, std::int32_t percentage = 0) {
    AddFit(builder_);
    SchedulerOptions options = Machine::Options();
    options.extenders = std::move(extenders);
    builder_.PercentageOfNodesToScore(percentage);
    machine_.emplace(builder_.Build(), options);
    for (const char* node : {"a", "b", "c"}) machine_->Show(MakeNode(node).Cpu("2"));
    return *machine_;
  }

  // Answers the latest question about the pod; each question has the next ticket.
  void Answer(const std::string& pod, std::vector<std::string> passed,
              std::vector<ExtenderReply::Refusal> refused = {}) {
    Send(pod, {.passed = std::move(passed), .refused = std::move(refused)});
  }
  void Send(const std::string& pod, ExtenderReply reply) {
    reply.pod = {"default", pod, "default-" + pod + "-uid"};
    reply.ticket = ++ticket_;
    machine_->Handle(reply);
  }
  Lines RunAndSee() {
    machine_->Run();
    return machine_->Effects();
  }

  ProfileBuilder builder_;
  std::optional<Machine> machine_;
  std::uint64_t ticket_ = 0;
};

TEST_F(Extenders, AreAskedAboutTheNodesThatPassAndThePodGoesWhereTheyLetIt) {
  Machine& machine = Start({Filters()});
  machine.Show(MakePod("big").Cpu("2").Node("b"));
  machine.Show(OurPod("p"));
  EXPECT_THAT(RunAndSee(), ElementsAre("ask default/p filter 0: a c"));
  EXPECT_EQ(machine.Places(), "0/0/0/0/1");
  EXPECT_FALSE(machine->HasActive());
  Answer("p", {"c"}, {{"a", "too hot", true}});
  EXPECT_TRUE(machine->HasActive());
  EXPECT_THAT(RunAndSee(), ElementsAre("bind default/p on c"));
}

TEST_F(Extenders, WhomAPodDoesNotConcernAreNotAskedAndNobodyElseWaits) {
  Machine& machine = Start({Filters({{"example.com/fpga"}}), Filters({{"example.com/gpu"}})});
  machine.Show(OurPod("p").Request("example.com/gpu", "0"));
  machine.Show(OurPod("q"));
  EXPECT_THAT(RunAndSee(), ElementsAre("ask default/p filter 1: a b c", "bind default/q on a"));
}

TEST_F(Extenders, ScoresAreAskedOfWhatIsLeftAndAddedToTheTotals) {
  builder_.Add<ScoreHook>("ByName").score = [](const Cycle& cycle, NodeId node) {
    return cycle.cluster.columns().name[node] == "a" ? 60 : 0;
  };
  Machine& machine = Start({Filters(), Prioritizes()});
  machine.Show(OurPod("p"));
  RunAndSee();
  Answer("p", {"a", "b"});
  EXPECT_THAT(RunAndSee(), ElementsAre("ask default/p prioritize 1: a b"));
  // c, which it says nothing of, was refused; of b two extenders may have spoken.
  Send("p", {.points = {{"a", 10}, {"b", 50}, {"b", 21}, {"c", 1000}}});
  EXPECT_THAT(RunAndSee(), ElementsAre("bind default/p on b"));
}

TEST_F(Extenders, ScoresOfASingleNodeAreNotAskedFor) {
  Machine& machine = Start({Filters(), Prioritizes()});
  machine.Show(OurPod("p"));
  RunAndSee();
  Answer("p", {"b"});
  EXPECT_THAT(RunAndSee(), ElementsAre("bind default/p on b"));
}

TEST_F(Extenders, WhereTheyRefuseEveryNodeThePodWaitsForAnyEvent) {
  Machine& machine = Start({Filters()});
  machine.Show(OurPod("p"));
  RunAndSee();
  Answer("p", {}, {{"a", "too hot", true}, {"b", "too hot", true}, {"not asked", "x", true}});
  const std::string why =
      "0/3 nodes are available: 1 node(s) were left out by an extender, which gave no reason, "
      "2 too hot.";
  EXPECT_THAT(RunAndSee(),
              ElementsAre("status default/p Unschedulable: " + why,
                          "event default/p Warning FailedScheduling Scheduling: " + why));
  EXPECT_EQ(machine.Places(), "0/0/1/0/0");
  EXPECT_THAT(machine->pending({}).pods.at(0).plugins, ElementsAre("Extender"));
  machine.Show(MakePod("other").Node("a"));
  EXPECT_EQ(machine.Places(), "0/1/0/0/0");
  machine.Pass(absl::Seconds(1));
  EXPECT_THAT(RunAndSee(), ElementsAre("ask default/p filter 0: a b c"));
}

TEST_F(Extenders, AnEventWhileTheyAreAskedIsNotLost) {
  Machine& machine = Start({Filters()});
  machine.Show(OurPod("p"));
  RunAndSee();
  machine.Show(MakePod("other").Node("a"));
  Answer("p", {}, {{"a", "no", true}, {"b", "no", true}, {"c", "no", true}});
  RunAndSee();
  EXPECT_EQ(machine.Places(), "0/1/0/0/0");
}

TEST_F(Extenders, AnErrorFailsTheAttemptAndIsTriedAgainAfterBackOff) {
  Machine& machine = Start({Filters()});
  machine.Show(OurPod("p"));
  RunAndSee();
  Send("p", {.error = "extender \"http://filters\": timed out"});
  EXPECT_THAT(RunAndSee(),
              ElementsAre("status default/p SchedulerError: extender \"http://filters\": timed out",
                          "event default/p Warning FailedScheduling Scheduling: extender "
                          "\"http://filters\": timed out"));
  EXPECT_EQ(machine.Places(), "0/1/0/0/0");
}

TEST_F(Extenders, WhatTheyLetPassHasToPassTheFiltersWhenTheAnswerComes) {
  Machine& machine = Start({Filters()});
  machine.Show(OurPod("p"));
  RunAndSee();
  machine.Show(MakePod("other").Cpu("2").Node("a"));
  machine.Gone(MakeNode("b"));
  Answer("p", {"a", "b", "c"});
  EXPECT_THAT(RunAndSee(), ElementsAre("bind default/p on c"));
}

TEST_F(Extenders, NodesThatComeLaterAreAskedAboutOnlyIfNoneIsLeft) {
  Machine& machine = Start({Filters()});
  machine.Show(OurPod("p"));
  RunAndSee();
  machine.Show(MakeNode("d").Cpu("2"));
  Answer("p", {}, {{"a", "no", true}, {"b", "no", true}, {"c", "no", true}});
  EXPECT_THAT(RunAndSee(), ElementsAre("ask default/p filter 0: d"));
  Answer("p", {"d"});
  EXPECT_THAT(RunAndSee(), ElementsAre("bind default/p on d"));
}

TEST_F(Extenders, QuestionsComeToAnEnd) {
  Machine& machine = Start({Filters()});
  machine.Show(OurPod("p"));
  for (int i = 0; i < ExtenderRound::kMaxQuestions; ++i) {
    ASSERT_THAT(RunAndSee(), testing::SizeIs(1)) << i;
    machine.Show(MakeNode("new-" + std::to_string(i)).Cpu("2"));
    Answer("p", {});
  }
  EXPECT_THAT(
      RunAndSee().at(0),
      testing::HasSubstr("1 node(s) came into question after the extenders had been asked"));
  EXPECT_EQ(machine.Places(), "0/1/0/0/0");
}

TEST_F(Extenders, APodThatIsGoneOrBoundMeanwhileIsForgotten) {
  Machine& machine = Start({Filters()});
  machine.Show(OurPod("gone"));
  machine.Show(OurPod("taken"));
  RunAndSee();
  machine.Gone(OurPod("gone"));
  machine.Show(OurPod("taken").Node("b"));
  Answer("gone", {"a"});
  Answer("taken", {"a"});
  EXPECT_FALSE(machine->HasActive());
  EXPECT_THAT(RunAndSee(), IsEmpty());
  EXPECT_EQ(machine.Places(), "0/0/0/0/0");
}

TEST_F(Extenders, AnAnswerToAnEarlierQuestionIsIgnored) {
  Machine& machine = Start({Filters()});
  machine.Show(OurPod("p"));
  RunAndSee();
  machine.Gone(OurPod("p"));
  machine.Show(OurPod("p"));
  EXPECT_THAT(RunAndSee(), ElementsAre("ask default/p filter 0: a b c"));
  Answer("p", {"a"});
  EXPECT_FALSE(machine->HasActive());
  Answer("p", {"b"});
  EXPECT_THAT(RunAndSee(), ElementsAre("bind default/p on b"));
}

TEST_F(Extenders, TheNominatedNodeIsAskedAboutFirstAndAllOthersIfItIsRefused) {
  Machine& machine = Start({Filters()});
  machine.Show(OurPod("p").Nominated("b"));
  EXPECT_THAT(RunAndSee(), ElementsAre("ask default/p filter 0: b"));
  Answer("p", {}, {{"b", "too hot", true}});
  EXPECT_THAT(RunAndSee(), ElementsAre("ask default/p filter 0: a c"));
  Answer("p", {"c"});
  EXPECT_THAT(RunAndSee(), ElementsAre("bind default/p on c"));
}

TEST_F(Extenders, ARefusedNominationIsPartOfTheReasonsAndGivenUp) {
  Machine& machine = Start({Filters()});
  machine.Show(OurPod("p").Nominated("b"));
  RunAndSee();
  Answer("p", {}, {{"b", "too hot", true}});
  RunAndSee();
  Answer("p", {}, {{"a", "no", true}, {"c", "no", false}});
  EXPECT_THAT(RunAndSee().at(0), testing::HasSubstr("0/3 nodes are available: 1 too hot, 2 no."));
}

TEST_F(Extenders, OfNodesThatAreEnoughNoneIsLeftOutAfterTheAnswer) {
  Machine& machine = Start({Filters()}, 1);
  for (int i = 0; i < 200; ++i) machine.Show(MakeNode("n" + std::to_string(1000 + i)).Cpu("2"));
  machine.Show(OurPod("p"));
  machine.Run();
  std::vector<std::string> asked;
  for (const Effect& effect : machine->TakeEffects()) {
    for (const auto& node : std::get<ExtenderEffect>(effect).nodes) {
      asked.push_back(node->metadata.name);
    }
  }
  ASSERT_EQ(asked.size(), 100u);
  Answer("p", {asked.back()});
  EXPECT_THAT(RunAndSee(), ElementsAre("bind default/p on " + asked.back()));
}

TEST_F(Extenders, WhoBindsGetsTheBindingAndSaysWhatBecameOfIt) {
  Machine& machine = Start({{.url_prefix = "http://binds",
                             .bind_verb = "bind",
                             .managed_resources = {{"example.com/gpu"}}}});
  machine.Show(OurPod("p").Request("example.com/gpu", "0"));
  machine.Show(OurPod("q"));
  EXPECT_THAT(RunAndSee(), ElementsAre("bind default/p on a by extender 0", "bind default/q on a"));
  machine.Reply("p", Outcome::kFailed, "extender \"http://binds\": no");
  EXPECT_THAT(machine.Effects().at(0),
              "status default/p SchedulerError: extender "
              "\"http://binds\": no");
}

TEST(ExtenderConfigs, ThatAreIgnorableComeLast) {
  const auto ordered = InCallOrder({{.url_prefix = "1", .ignorable = true},
                                    {.url_prefix = "2"},
                                    {.url_prefix = "3", .ignorable = true},
                                    {.url_prefix = "4"}});
  std::string urls;
  for (const ExtenderConfig& extender : ordered) urls += extender.url_prefix;
  EXPECT_EQ(urls, "2413");
}

TEST(ExtenderConfigs, AreInterestedByRequestsAndLimitsOfContainersAndInitContainers) {
  const ExtenderConfig extender = Filters({{"example.com/fpga"}, {"example.com/gpu"}});
  EXPECT_TRUE(IsInterested(Filters(), MakePod("p")));
  EXPECT_FALSE(IsInterested(extender, MakePod("p").Cpu("1")));
  EXPECT_TRUE(IsInterested(extender, MakePod("p").Request("example.com/gpu", "1")));
  EXPECT_TRUE(IsInterested(extender, MakePod("p").InitContainer({{"example.com/gpu", Q("1")}})));
  kube::Pod limited = MakePod("p");
  limited.spec->containers.at(0).limits.emplace("example.com/gpu", Q("1"));
  EXPECT_TRUE(IsInterested(extender, limited));
}

}  // namespace extender_round_test
}  // namespace heat_scheduler
