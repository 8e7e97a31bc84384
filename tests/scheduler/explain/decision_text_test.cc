#include "scheduler/explain/decision_text.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heat_scheduler {
namespace decision_text_test {

using nlohmann::ordered_json;

ordered_json Scheduled() {
  return ordered_json::parse(R"({
    "schema": "decision-record/v1",
    "pod": {"namespace": "default", "name": "web", "uid": "u1", "priority": 7},
    "profile": "heat-scheduler",
    "decision": {"number": 12, "time": "2026-11-22T01:02:03.000000Z", "attempt": 2, "node": "n2"},
    "result": "Scheduled", "nodeCount": 8,
    "node": "n2", "nominated": false, "feasible": 3,
    "weights": {"Fit": 1, "Spread": 2},
    "tieBreak": {"rule": "rotate", "candidates": ["n1", "n2"], "drawnPosition": 1},
    "nodes": [
      {"node": "n1", "outcome": "Scored", "total": 110, "scores": [
        {"plugin": "Fit", "raw": 50, "normalized": 50, "weighted": 50},
        {"plugin": "Spread", "raw": 3, "normalized": 30, "weighted": 60}]},
      {"node": "n2", "outcome": "Scored", "total": 110, "scores": [
        {"plugin": "Fit", "raw": 90, "normalized": 90, "weighted": 90},
        {"plugin": "Spread", "raw": 1, "normalized": 10, "weighted": 20}]},
      {"node": "n3", "outcome": "Scored", "total": 20, "scores": [
        {"plugin": "Fit", "raw": 0, "normalized": 0, "weighted": 0},
        {"plugin": "Spread", "raw": 1, "normalized": 10, "weighted": 20}]},
      {"node": "n4", "outcome": "DroppedBySetFilter", "plugin": "Heat"},
      {"node": "n5", "outcome": "Rejected", "plugin": "Fit", "code": "Unschedulable",
       "reasons": ["Insufficient cpu", "Too many pods"]},
      {"node": "n6", "outcome": "Rejected", "plugin": "Fit", "code": "Unschedulable",
       "reasons": ["Insufficient cpu", "Too many pods"]},
      {"node": "n7", "outcome": "NarrowedAway", "reasons": ["not named"]},
      {"node": "n8", "outcome": "NotSearched"}],
    "now": {"state": "Bound", "node": "n2"},
    "decisionsKept": [{"number": 4}, {"number": 12}]})");
}

TEST(DecisionText, TellsWhyANodeWasChosen) {
  EXPECT_EQ(*DecisionText(Scheduled(), DecisionTextNodes::kFew),
            R"(Pod:          default/web
UID:          u1
Priority:     7
Profile:      heat-scheduler
Decision:     number 12, attempt 2, 2026-11-22T01:02:03.000000Z
Result:       Scheduled on n2
Now:          Bound on n2
Kept:         decisions 4, 12
Why:          the best of 3 that fit, of 8 nodes
Tie:          2 nodes are equally good (n1, n2), the first from position 1 of 8 in node order is taken
Scores of n2:
  PLUGIN  RAW  NORMALIZED  WEIGHT  SCORE
  Fit     90   90          1       90
  Spread  1    10          2       20
  total                            110
Nodes that fit, best first:
  NODE  TOTAL  AGAINST THE CHOSEN
  n1    110    Fit -40, Spread +40
  n2    110    chosen
  n3    20     Fit -90
Nodes that were not scored:
  2 nodes: Fit, Unschedulable: Insufficient cpu, Too many pods (n5, n6)
  1 node: dropped by the set filter Heat (n4)
  1 node: fits, but enough others were found first (n8)
  1 node: not named (n7)
)");
}

TEST(DecisionText, TellsWhyAPodFitsNowhereAndWhatWouldHelp) {
  ordered_json document = ordered_json::parse(R"({
    "pod": {"namespace": "default", "name": "web", "uid": "u1", "priority": 7},
    "profile": "heat-scheduler", "decision": {"number": 12},
    "result": "Unschedulable", "nodeCount": 7, "message": "0/7 nodes are available: 7 No.",
    "preemption": {"node": "n1", "pdbViolations": 0, "candidates": 2, "equallyGood": ["n1"],
      "victims": [{"namespace": "default", "name": "low", "uid": "u2", "priority": -5}]},
    "waysOut": [{"text": "1 less cpu would fit on 12 nodes", "opens": 12,
                 "nodes": ["n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9", "n10"]}],
    "waysOutComplete": false, "nodes": []})");
  for (int i = 0; i < 7; ++i) {
    document["nodes"].push_back({{"node", "n" + std::to_string(i)},
                                 {"outcome", "Rejected"},
                                 {"plugin", "Fit"},
                                 {"code", "Unschedulable"},
                                 {"reasons", {"No"}}});
  }
  const std::string head = R"(Pod:          default/web
UID:          u1
Priority:     7
Profile:      heat-scheduler
Decision:     number 12
Result:       Unschedulable
Message:      0/7 nodes are available: 7 No.
Preemption:   on n1, of 2 nodes that would do; disruption budgets violated: 0
Victims:
  default/low  priority -5
Ways out:
)";
  EXPECT_EQ(*DecisionText(document, DecisionTextNodes::kFew),
            head + R"(  1 less cpu would fit on 12 nodes (n1, n2, n3, n4, n5 and 7 more)
  there was too much to try; this is not all
Nodes that were not scored:
  7 nodes: Fit, Unschedulable: No (n0, n1, n2, n3, n4 and 2 more)
)");
  EXPECT_EQ(
      *DecisionText(document, DecisionTextNodes::kAll),
      head +
          R"(  1 less cpu would fit on 12 nodes (n1, n2, n3, n4, n5, n6, n7, n8, n9, n10 and 2 more)
  there was too much to try; this is not all
Nodes that were not scored:
  7 nodes: Fit, Unschedulable: No (n0, n1, n2, n3, n4, n5, n6)
)");
}

TEST(DecisionText, MarksAChoiceThatNeededNoScores) {
  ordered_json document = Scheduled();
  document["nodes"] = {{{"node", "n2"}, {"outcome", "Fits"}}};
  document["nominated"] = true;
  EXPECT_THAT(*DecisionText(document, DecisionTextNodes::kFew),
              testing::AllOf(testing::HasSubstr("Why:          the pod's nominated node fits; no "
                                                "other was looked at\n"),
                             testing::HasSubstr("  1 node: chosen (n2)\n")));
}

TEST(DecisionText, ShowsNoControlCharacters) {
  ordered_json document = Scheduled();
  document["nodes"][3]["node"] = "n4\x1b[2J\nPod: forged";
  document["pod"]["name"] = "web\u202e";
  const std::string text = *DecisionText(document, DecisionTextNodes::kAll);
  EXPECT_THAT(text, testing::HasSubstr("(n4\\x1b[2J\\x0aPod: forged)"));
  EXPECT_THAT(text, testing::HasSubstr("default/web\\xe2\\x80\\xae\n"));
}

TEST(DecisionText, RefusesWhatIsNoRecord) {
  for (const char* text : {"null", "[]", "{}", R"({"pod": 3})", R"({"pod": {"namespace": 1}})"}) {
    EXPECT_EQ(DecisionText(ordered_json::parse(text), DecisionTextNodes::kFew).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

}  // namespace decision_text_test
}  // namespace heat_scheduler
