#include "extender/answers.h"

#include <gtest/gtest.h>

namespace heat_scheduler {
namespace answers_test {

TEST(FilterAnswer, RepeatsNodesAsTheyCame) {
  FilterAnswer answer(NodeForm::kNodes, 0);
  answer.AddPassed(R"({ "a" : 1 })");
  answer.AddPassed("{}");
  answer.AddFailed("n3", "too hot", true);
  answer.AddFailed("n4", "a \"quoted\"\nreason", false);
  answer.AddFailed("n5", "gone", false);
  EXPECT_EQ(
      answer.Finish(),
      R"({"Nodes":{"metadata":{},"items":[{ "a" : 1 },{}]},"FailedNodes":{"n3":"too hot"},)"
      R"("FailedAndUnresolvableNodes":{"n4":"a \"quoted\"\nreason","n5":"gone"},"Error":""})");
}

TEST(FilterAnswer, NamesNodes) {
  FilterAnswer answer(NodeForm::kNames, 0);
  answer.AddPassed("n1");
  answer.AddPassed("n2");
  EXPECT_EQ(answer.Finish(),
            R"({"NodeNames":["n1","n2"],"FailedNodes":{},"FailedAndUnresolvableNodes":{},)"
            R"("Error":""})");
}

// A scheduler takes an answer without nodes for one that kept none; either way there has to be a
// list.
TEST(FilterAnswer, HasAListEvenIfNothingPassed) {
  EXPECT_EQ(FilterAnswer(NodeForm::kNodes, 0).Finish(),
            R"({"Nodes":{"metadata":{},"items":[]},"FailedNodes":{},)"
            R"("FailedAndUnresolvableNodes":{},"Error":""})");
  EXPECT_EQ(FilterAnswer(NodeForm::kNames, 0).Finish(),
            R"({"NodeNames":[],"FailedNodes":{},"FailedAndUnresolvableNodes":{},"Error":""})");
}

TEST(Answers, AreWrittenWithGosKeys) {
  EXPECT_EQ(FilterError("no \x01"), "{\"Error\":\"no \\u0001\"}");
  EXPECT_EQ(BindingAnswer(""), R"({"Error":""})");
  EXPECT_EQ(PrioritizeAnswer({"n1", "n2"}, {10, 0}),
            R"([{"Host":"n1","Score":10},{"Host":"n2","Score":0}])");
  EXPECT_EQ(PrioritizeAnswer({}, {}), "[]");
}

}  // namespace answers_test
}  // namespace heat_scheduler
