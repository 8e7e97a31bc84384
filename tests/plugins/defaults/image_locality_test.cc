#include "plugins/defaults/image_locality.h"

#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace image_locality_test {

constexpr std::int64_t kMiB = 1024 * 1024;

using Points = std::map<std::string, std::int64_t>;

kube::Pod WithImages(const std::vector<std::string>& images) {
  kube::Pod pod = MakePod("p");
  pod.spec->containers.resize(images.size());
  for (std::size_t i = 0; i < images.size(); ++i) pod.spec->containers[i].image = images[i];
  return pod;
}

Points ScoresOf(const kube::Pod& pod, const std::vector<kube::Node>& nodes) {
  const auto cluster = MakeCluster(nodes);
  return Asking(*cluster, pod, ImageLocality()).Scored().value();
}

TEST(ImageLocality, CountsSizeByTheShareOfNodesThatHaveIt) {
  const std::vector<kube::Node> nodes = {MakeNode("a").Image("app:1", 500 * kMiB),
                                         MakeNode("b").Image("app:1", 500 * kMiB),
                                         MakeNode("c").Image("other:1", 900 * kMiB), MakeNode("d")};
  // 500 * 2 / 4 = 250: (250 - 23) * 100 / 977.
  EXPECT_EQ(ScoresOf(WithImages({"app:1"}), nodes),
            (Points{{"a", 23}, {"b", 23}, {"c", 0}, {"d", 0}}));
  // 900 * 1 / 4 = 225, and of two containers 2000 MiB count at most: 227 and 202 of 1977.
  EXPECT_EQ(ScoresOf(WithImages({"app:1", "other:1"}), nodes),
            (Points{{"a", 11}, {"b", 11}, {"c", 10}, {"d", 0}}));
}

TEST(ImageLocality, CutsAtBothEnds) {
  EXPECT_EQ(ScoresOf(WithImages({"app:1"}), {MakeNode("a").Image("app:1", 22 * kMiB)}),
            (Points{{"a", 0}}));
  EXPECT_EQ(ScoresOf(WithImages({"app:1"}), {MakeNode("a").Image("app:1", 4000 * kMiB)}),
            (Points{{"a", 100}}));
}

TEST(ImageLocality, ImageWithoutTagIsTheLatest) {
  const std::vector<kube::Node> nodes = {
      MakeNode("a").Image("registry:5000/app:latest", 1000 * kMiB),
      MakeNode("b").Image("registry:5000/app", 1000 * kMiB)};
  // 500 of 1000.
  EXPECT_EQ(ScoresOf(WithImages({"registry:5000/app"}), nodes), (Points{{"a", 48}, {"b", 0}}));
  EXPECT_EQ(ScoresOf(WithImages({"app"}), {MakeNode("a").Image("app:latest", 1000 * kMiB)}),
            (Points{{"a", 100}}));
}

// A container, a sidecar and a volume; the volume is no container.
TEST(ImageLocality, CountsInitContainersAndImageVolumes) {
  kube::Pod pod = WithImages({"app:1"});
  pod.spec->init_containers.emplace_back().image = "init:1";
  pod.spec->volumes.emplace_back().image = "data";
  const kube::Node node = MakeNode("a")
                              .Image("app:1", 300 * kMiB)
                              .Image("init:1", 200 * kMiB)
                              .Image("data:latest", 100 * kMiB);
  // (600 - 23) * 100 / (2000 - 23).
  EXPECT_EQ(ScoresOf(pod, {node}), (Points{{"a", 29}}));
}

TEST(ImageLocality, CountsAnImageForEachContainerAndOnceForEachNode) {
  const kube::Node node = MakeNode("a").Image("app:1", 500 * kMiB).Image("app:1", 900 * kMiB);
  // (2 * 500 - 23) * 100 / (2000 - 23).
  EXPECT_EQ(ScoresOf(WithImages({"app:1", "app:1"}), {node}), (Points{{"a", 49}}));
}

TEST(ImageLocality, TakesTheSizeThatTheFirstNodeStates) {
  const std::vector<kube::Node> nodes = {MakeNode("b").Image("app:1", 900 * kMiB),
                                         MakeNode("a").Image("app:1", 500 * kMiB)};
  EXPECT_EQ(ScoresOf(WithImages({"app:1"}), nodes), (Points{{"a", 48}, {"b", 48}}));
}

}  // namespace image_locality_test
}  // namespace heat_scheduler
