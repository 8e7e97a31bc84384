#include "plugins/defaults/node_name.h"

#include <map>
#include <string>

#include "gtest/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace node_name_test {

constexpr char kRefused[] =
    "UnschedulableAndUnresolvable: node(s) didn't match the requested node name";

using Answers = std::map<std::string, std::string>;

Answers Ask(const kube::Pod& pod) {
  const auto cluster = MakeCluster({MakeNode("n0"), MakeNode("n1")});
  const NodeName plugin;
  return Asking(*cluster, pod, plugin).Filter();
}

TEST(NodeName, LetsPodsWithoutNodePassEverywhere) {
  EXPECT_EQ(Ask(MakePod("p")), (Answers{{"n0", "ok"}, {"n1", "ok"}}));
}

TEST(NodeName, LetsAPodPassOnItsNodeAlone) {
  EXPECT_EQ(Ask(MakePod("p").Node("n1")), (Answers{{"n0", kRefused}, {"n1", "ok"}}));
}

TEST(NodeName, KnowsNoNodeOfAnotherName) {
  EXPECT_EQ(Ask(MakePod("p").Node("n")), (Answers{{"n0", kRefused}, {"n1", kRefused}}));
}

}  // namespace node_name_test
}  // namespace heat_scheduler
