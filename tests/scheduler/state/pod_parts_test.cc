#include "scheduler/state/pod_parts.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/objects.h"

namespace heat_scheduler {
namespace pod_parts_test {

// A pod with something in every part.
PodBuilder WebPod(const std::string& name) {
  PodBuilder pod = MakePod(name);
  pod.Label("app", "web").Annotation("note", "x").Owner("ReplicaSet", "web-1");
  pod.Request("cpu", "1").Condition({"PodScheduled", "True", "", ""});
  return pod;
}

TEST(PodParts, OfLikePodsAreShared) {
  PodParts parts;
  const kube::Ref<kube::Pod> a = parts.Share(WebPod("a").Node("n1").Ref());
  const kube::Ref<kube::Pod> given = WebPod("b").Node("n2").Ref();
  const kube::Ref<kube::Pod> b = parts.Share(given);

  EXPECT_TRUE(b->metadata.labels.SharesWith(a->metadata.labels));
  EXPECT_TRUE(b->metadata.annotations.SharesWith(a->metadata.annotations));
  EXPECT_TRUE(b->metadata.owner_references.SharesWith(a->metadata.owner_references));
  EXPECT_TRUE(b->spec.SharesWith(a->spec));
  EXPECT_TRUE(b->status.conditions.SharesWith(a->status.conditions));

  EXPECT_EQ(b->metadata.name, "b");
  EXPECT_EQ(b->node_name, "n2");
  EXPECT_EQ(b->metadata.labels, given->metadata.labels);
  EXPECT_EQ(b->metadata.annotations, given->metadata.annotations);
  EXPECT_EQ(b->metadata.owner_references, given->metadata.owner_references);
  EXPECT_EQ(b->spec, given->spec);
  EXPECT_EQ(b->status.conditions, given->status.conditions);
}

TEST(PodParts, APodThatSharesIsLeftAlone) {
  PodParts parts;
  const kube::Ref<kube::Pod> a = parts.Share(WebPod("a").Ref());
  EXPECT_EQ(parts.Share(a), a);
}

TEST(PodParts, WhatDiffersIsNotShared) {
  PodParts parts;
  const kube::Ref<kube::Pod> a = parts.Share(WebPod("a").Ref());
  const kube::Ref<kube::Pod> b = parts.Share(WebPod("b").Priority(1).Ref());
  EXPECT_FALSE(b->spec.SharesWith(a->spec));
  EXPECT_TRUE(b->metadata.labels.SharesWith(a->metadata.labels));
}

TEST(PodParts, GoWithTheirPods) {
  PodParts parts;
  for (int i = 0; i < 10'000; ++i) {
    parts.Share(WebPod("a").Label("number", std::to_string(i)).Priority(i).Ref());
  }
  EXPECT_LT(parts.size(), 1000u);
}

}  // namespace pod_parts_test
}  // namespace heat_scheduler
