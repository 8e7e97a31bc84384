// Whatever happens to a cluster, each decision of late can be made again, with every verdict, score
// and way out, on the cluster as it was: the document comes out the same, byte for byte.
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "policy/default_profile.h"
#include "policy/profile_config.h"
#include "scheduler/explain/explanation.h"
#include "scheduler/state/cluster_snapshot.h"
#include "scheduler/state/history.h"
#include "tests/plugins/cluster_stream.h"

namespace heat_scheduler {
namespace history_test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kStreams = 4;
#else
constexpr int kStreams = 40;
#endif
constexpr int kSteps = 120;
constexpr std::uint64_t kSeed = 20261122;

Profile MakeProfile(std::uint64_t kind) {
  switch (kind % 3) {
    case 0:
      return *DefaultProfile();
    case 1:
      return *ProfileFromJson(nullptr);
    default:
      return *ProfileFromJson(nlohmann::json::parse(R"({"percentageOfNodesToScore": 30})"));
  }
}

std::string Document(std::uint64_t kind, const ClusterState& cluster, const PodRecord& pod,
                     std::uint64_t number, NodeId* node = nullptr) {
  const Profile profile = MakeProfile(kind);
  const Instant now{absl::UnixEpoch() + absl::Seconds(number), absl::ZeroDuration()};
  const nlohmann::ordered_json document =
      Explain({profile, cluster, pod, now, number, Mix(kSeed, number), TieRule::kRotate, kSeed,
               number * 7});
  if (node != nullptr && document.contains("node")) {
    *node = cluster.FindNode(document["node"].get<std::string>());
  }
  return document.dump(1);
}

struct Made {
  std::string pod;
  std::uint64_t number = 0;
  std::string document;
};

// Checks every decision against what the history says of it, from the last one back.
void CheckAll(std::uint64_t kind, const ClusterState& cluster, const History& history,
              const std::deque<Made>& made) {
  ClusterSnapshot snapshot(cluster);
  auto expected = made.rbegin();
  for (auto kept = history.entries().rbegin(); kept != history.entries().rend(); ++kept) {
    snapshot.Undo(kept->entry);
    if (!std::holds_alternative<DecisionMark>(kept->entry)) continue;
    ClusterState past;
    snapshot.Restore(past);
    const PodRecord* pod = past.FindPod(expected->pod);
    ASSERT_NE(pod, nullptr);
    ASSERT_EQ(Document(kind, past, *pod, expected->number), expected->document);
    ++expected;
  }
  // Nothing is forgotten within the budget.
  EXPECT_EQ(expected, made.rend());
}

TEST(History, LeadsBackToEveryDecision) {
  for (int stream_number = 0; stream_number < kStreams; ++stream_number) {
    const auto kind = static_cast<std::uint64_t>(stream_number);
    ClusterStream stream(kSeed + kind, 1 + kind % 12);
    History history(std::size_t{1} << 30);
    stream.cluster().KeepHistory(&history);
    std::deque<Made> made;
    for (std::uint64_t i = 0; i < kSteps; ++i) {
      stream.Happen();
      const PodRecord& pod = stream.NextPod();
      history.Add(DecisionMark{pod.pod, i, {}, 1, 0, ""});
      NodeId node = kNoNode;
      made.push_back({PodKey(pod.facts), i, ""});
      made.back().document = Document(kind, stream.cluster(), pod, i, &node);
      if (node != kNoNode && stream.random().Below(4) != 0) {
        stream.Place(pod, node);
      } else {
        stream.Leave(pod);
      }
    }
    SCOPED_TRACE(absl::StrCat("stream ", stream_number));
    ASSERT_NO_FATAL_FAILURE(CheckAll(kind, stream.cluster(), history, made));
    stream.cluster().KeepHistory(nullptr);
  }
}

TEST(History, KeepsWithinItsBudgetAndTheLatest) {
  ClusterStream stream(kSeed, 10);
  History history(30'000);
  stream.cluster().KeepHistory(&history);
  for (std::uint64_t i = 0; i < 500; ++i) {
    stream.Happen();
    const PodRecord& pod = stream.NextPod();
    history.Add(DecisionMark{pod.pod, i, {}, 1, 0, ""});
    stream.Leave(pod);
    ASSERT_LE(history.bytes(), 30'000u);
  }
  std::size_t marks = 0;
  std::uint64_t last = 0;
  for (const History::Kept& kept : history.entries()) {
    if (const auto* mark = std::get_if<DecisionMark>(&kept.entry)) {
      ++marks;
      last = mark->number;
    }
  }
  EXPECT_EQ(last, 499u);
  EXPECT_GT(marks, 5u);
  EXPECT_LT(marks, 100u);
  stream.cluster().KeepHistory(nullptr);
}

}  // namespace history_test
}  // namespace heat_scheduler
