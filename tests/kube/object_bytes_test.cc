#include "kube/object_bytes.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace object_bytes_test {

using kube::BytesOf;

const std::string kLong(1000, 'x');

TEST(ObjectBytes, CountWhatIsLarge) {
  EXPECT_EQ(kube::HeapBytesOf("short"), 0u);
  EXPECT_GE(kube::HeapBytesOf(kLong), kLong.size());
  // Named, so that no builder shares their parts any more.
  const kube::Ref<kube::Pod> plain = MakePod("p").Ref();
  const kube::Ref<kube::Pod> labelled = MakePod("p").Label("key", kLong).Ref();
  const kube::Ref<kube::Pod> annotated = MakePod("p").Annotation("key", kLong).Ref();
  const kube::Ref<kube::Pod> larger = MakePod("p").Container({{"cpu", Q("1")}}).Ref();
  const std::size_t pod = BytesOf(*plain);
  EXPECT_GE(pod, sizeof(kube::Pod));
  EXPECT_GE(BytesOf(*labelled), pod + kLong.size());
  EXPECT_GE(BytesOf(*annotated), pod + kLong.size());
  EXPECT_GT(BytesOf(*larger), pod + sizeof(kube::Container));
  const std::size_t node = BytesOf(MakeNode("n"));
  EXPECT_GE(BytesOf(MakeNode("n").Image(kLong, 1)), node + kLong.size());
  EXPECT_GT(BytesOf(MakeNode("n").Taint("k", "v")), node);
}

TEST(ObjectBytes, WhatIsSharedCountsInPart) {
  const kube::Ref<kube::Pod> pod = MakePod("p").Label("key", kLong).Ref();
  const std::size_t alone = BytesOf(*pod);
  const kube::Pod kept = *pod;
  EXPECT_EQ(BytesOf(*pod), alone) << "one of two may be no object";
  const kube::Pod copy = *pod;
  EXPECT_LE(BytesOf(*pod), alone - kLong.size() / 2);
  EXPECT_EQ(BytesOf(copy), BytesOf(*pod));
}

TEST(ObjectBytes, OfAnyKind) {
  EXPECT_EQ(BytesOf(kube::Object(MakePod("p").Ref())), BytesOf(MakePod("p")));
  auto plain = std::make_shared<kube::Namespace>();
  plain->metadata.name = "ns";
  auto labelled = std::make_shared<kube::Namespace>(*plain);
  labelled->metadata.labels["team"] = kLong;
  EXPECT_GE(BytesOf(kube::Object(kube::Ref<kube::Namespace>(labelled))),
            BytesOf(kube::Object(kube::Ref<kube::Namespace>(plain))) + kLong.size());
}

}  // namespace object_bytes_test
}  // namespace heat_scheduler
