#include "tests/faults/recorded.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace heat_scheduler {
namespace recorded_test {

// Writes lines; each has the next version and is a second later.
class Lines {
 public:
  Lines& Node(std::string_view type) {
    return Line(type, "Node", absl::StrCat(R"("metadata":{"name":"n","uid":"un",)", Version()),
                R"("status":{"allocatable":{"cpu":"1","pods":"9"}})");
  }
  // `node` is empty for a pod that waits; `uid` is its name, too.
  Lines& Pod(std::string_view type, std::string_view uid, std::string_view node,
             std::string_view extra = "") {
    return Line(
        type, "Pod",
        absl::StrCat(R"("metadata":{"namespace":"d","name":")", ToAbsl(uid), R"(","uid":")",
                     ToAbsl(uid), R"(",)", Version()),
        absl::StrCat(R"("spec":{"schedulerName":"heat-scheduler","nodeName":")", ToAbsl(node),
                     R"(",)", ToAbsl(extra),
                     R"("containers":[{"name":"c","resources":{"requests":{"cpu":"600m"}}}]})"));
  }
  Lines& Later(std::int64_t seconds) {
    seconds_ += seconds;
    return *this;
  }

  // Returns the broken guarantees, each once a violation, joined.
  std::string Broken() const {
    RecordedHistory history("heat-scheduler");
    for (const std::string& line : lines_) {
      const absl::Status status = history.Add(line);
      if (!status.ok()) return std::string(status.message());
    }
    std::string broken;
    for (const Violation& violation : history.Finish()) {
      absl::StrAppend(&broken, broken.empty() ? "" : " ", violation.guarantee);
    }
    return broken;
  }

 private:
  std::string Version() { return absl::StrCat(R"("resourceVersion":")", ++version_, R"("})"); }
  Lines& Line(std::string_view type, std::string_view kind, const std::string& metadata,
              const std::string& rest) {
    lines_.push_back(absl::StrCat(R"({"kind":")", ToAbsl(kind), R"(","time":)",
                                  ++seconds_ * 1000000, R"(,"type":")", ToAbsl(type),
                                  R"(","object":{)", metadata, ",", rest, "}}"));
    return *this;
  }

  std::vector<std::string> lines_;
  std::int64_t version_ = 0;
  std::int64_t seconds_ = 0;
};

TEST(RecordedHistory, AcceptsABindThatFits) {
  EXPECT_EQ(Lines().Node("ADDED").Pod("ADDED", "a", "").Pod("MODIFIED", "a", "n").Broken(), "");
}

TEST(RecordedHistory, RejectsAnOvercommittedNode) {
  Lines lines;
  lines.Node("ADDED").Pod("ADDED", "a", "").Pod("ADDED", "b", "");
  EXPECT_EQ(lines.Pod("MODIFIED", "a", "n").Pod("MODIFIED", "b", "n").Broken(), "G1 G1");
}

TEST(RecordedHistory, RejectsASecondBind) {
  Lines lines;
  lines.Node("ADDED").Pod("ADDED", "a", "").Pod("MODIFIED", "a", "n");
  EXPECT_EQ(lines.Pod("MODIFIED", "a", "m").Broken(), "G2");
}

TEST(RecordedHistory, RejectsABindToANodeThatNeverWas) {
  EXPECT_EQ(Lines().Node("ADDED").Pod("ADDED", "a", "").Pod("MODIFIED", "a", "m").Broken(), "G2");
}

TEST(RecordedHistory, AcceptsABindRightAfterTheNodeWent) {
  Lines lines;
  lines.Node("ADDED").Pod("ADDED", "a", "").Node("DELETED");
  EXPECT_EQ(lines.Pod("MODIFIED", "a", "n").Broken(), "");
}

TEST(RecordedHistory, RejectsABindLongAfterTheNodeWent) {
  Lines lines;
  lines.Node("ADDED").Pod("ADDED", "a", "").Node("DELETED").Later(10);
  EXPECT_EQ(lines.Pod("MODIFIED", "a", "n").Broken(), "G2");
}

TEST(RecordedHistory, RejectsAPodThatIsLeftWaiting) {
  EXPECT_EQ(Lines().Node("ADDED").Pod("ADDED", "a", "").Broken(), "G7");
}

TEST(RecordedHistory, AcceptsAGatedPodThatWaits) {
  constexpr char kGate[] = R"("schedulingGates":[{"name":"g"}],)";
  EXPECT_EQ(Lines().Node("ADDED").Pod("ADDED", "a", "", kGate).Broken(), "");
}

TEST(RecordedHistory, RefusesWhatItCannotRead) {
  RecordedHistory history("heat-scheduler");
  EXPECT_FALSE(history.Add("{}").ok());
  EXPECT_FALSE(history.Add(R"({"kind":"Pod","time":1,"type":"ADDED","object":{}})").ok());
  EXPECT_FALSE(history.Add(R"({"kind":"Lease","time":1,"type":"ADDED","object":{}})").ok());
}

}  // namespace recorded_test
}  // namespace heat_scheduler
