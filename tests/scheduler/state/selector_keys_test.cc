#include "scheduler/state/selector_keys.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "scheduler/state/cluster_state.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace selector_keys_test {

std::string TraitsOf(const ClusterState& cluster, const kube::Pod& pod) {
  std::string traits;
  cluster.WriteSelectedTraits(pod, traits);
  return traits;
}

kube::PodAffinityTerm TermOn(const std::string& key) {
  kube::PodAffinityTerm term;
  term.label_selector.emplace().match_expressions = {Require(key, kube::SelectorOperator::kExists)};
  return term;
}

kube::Ref<kube::Service> ServiceOn(const std::string& key) {
  auto service = std::make_shared<kube::Service>();
  service->metadata.name = "s";
  service->selector.emplace().match_labels[key] = "x";
  return service;
}

TEST(SelectorKeys, AreThoseOfLivingClasses) {
  ClusterState cluster;
  const kube::Pod plain = MakePod("p");
  const kube::Pod labelled = MakePod("q").Label("app", "web").Label("index", "7");
  EXPECT_EQ(TraitsOf(cluster, labelled), TraitsOf(cluster, plain));
  const std::uint64_t before = cluster.selectors_version();
  cluster.UpsertPod(MakePod("other").PreferredPodAntiAffinity(1, TermOn("app")).Ref());
  EXPECT_GT(cluster.selectors_version(), before);
  const std::string told_apart = TraitsOf(cluster, labelled);
  EXPECT_NE(told_apart, TraitsOf(cluster, plain));
  EXPECT_EQ(told_apart, TraitsOf(cluster, MakePod("r").Label("app", "web").Label("index", "8")));
  // Another selector of the same key is no news.
  const std::uint64_t known = cluster.selectors_version();
  cluster.UpsertPod(MakePod("third").RequiredPodAffinity(TermOn("app")).Ref());
  EXPECT_EQ(cluster.selectors_version(), known);
  cluster.RemovePod("default-other-uid");
  EXPECT_EQ(TraitsOf(cluster, labelled), told_apart);
  cluster.RemovePod("default-third-uid");
  EXPECT_EQ(TraitsOf(cluster, labelled), told_apart);
}

TEST(SelectorKeys, ThatComeBackAreNoNews) {
  SelectorKeys keys;
  const auto selector = [](const std::string& key) {
    kube::LabelSelector on;
    on.match_labels[key] = "x";
    return on;
  };
  keys.Add(selector("app"));
  const std::uint64_t known = keys.version();
  keys.Remove(selector("app"));
  EXPECT_TRUE(keys.Contains("app"));
  keys.Add(selector("app"));
  EXPECT_EQ(keys.version(), known);
  for (std::size_t i = 0; i <= SelectorKeys::kMostIdle; ++i) {
    const kube::LabelSelector other = selector("key-" + std::to_string(i));
    keys.Add(other);
    EXPECT_TRUE(keys.Contains("key-0"));
    keys.Remove(other);
  }
  // The one too many has taken the others along, but for that in use.
  EXPECT_FALSE(keys.Contains("key-0"));
  EXPECT_TRUE(keys.Contains("app"));
}

TEST(SelectorKeys, AreThoseOfServicesAndConstraints) {
  ClusterState cluster;
  cluster.UpsertObject(ServiceOn("app"));
  kube::TopologySpreadConstraint constraint;
  constraint.label_selector.emplace().match_labels["tier"] = "x";
  constraint.match_label_keys = {"pod-template-hash"};
  cluster.UpsertPod(MakePod("other").Spread(constraint).Ref());
  for (const char* key : {"app", "tier", "pod-template-hash"}) {
    EXPECT_NE(TraitsOf(cluster, MakePod("p").Label(key, "1")), TraitsOf(cluster, MakePod("p")))
        << key;
  }
  EXPECT_EQ(TraitsOf(cluster, MakePod("p").Label("role", "1")), TraitsOf(cluster, MakePod("p")));
  cluster.UpsertObject(ServiceOn("role"));
  EXPECT_NE(TraitsOf(cluster, MakePod("p").Label("role", "1")), TraitsOf(cluster, MakePod("p")));
}

}  // namespace selector_keys_test
}  // namespace heat_scheduler
