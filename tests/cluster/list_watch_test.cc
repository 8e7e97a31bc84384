// Lists and watches, as a client sees them.
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cluster/test_server.h"

namespace heat_scheduler::cluster {
namespace list_watch_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kPods[] = "/api/v1/namespaces/default/pods";

std::vector<std::string> NamesOf(const Json& list) {
  std::vector<std::string> names;
  for (const Json& item : ArrayAt(list, {"items"})) {
    names.emplace_back(TextAt(item, {"metadata", "name"}));
  }
  return names;
}

std::string VersionOf(const Json& body) {
  return std::string(TextAt(body, {"metadata", "resourceVersion"}));
}

void Label(TestServer& server, std::string_view pod, const Json& labels) {
  const Reply reply =
      server.Call("PATCH", absl::StrCat(kPods, "/", std::string(pod)),
                  {{"metadata", {{"labels", labels}}}}, "application/merge-patch+json");
  ASSERT_EQ(reply.status, 200) << reply.text;
}

TEST(List, PagesShowOneMoment) {
  TestServer server;
  for (const char* name : {"a", "b", "c", "d", "e"}) server.AddPod(name);
  const Reply first = server.Call("GET", "/api/v1/pods?limit=2");
  EXPECT_THAT(NamesOf(first.body), ElementsAre("a", "b"));
  EXPECT_EQ(IntegerAt(first.body, {"metadata", "remainingItemCount"}), 3);
  server.Call("DELETE", absl::StrCat(kPods, "/c"));
  server.AddPod("c2");
  std::string token(TextAt(first.body, {"metadata", "continue"}));
  const Reply second = server.Call("GET", "/api/v1/pods?limit=2&continue=" + token);
  EXPECT_THAT(NamesOf(second.body), ElementsAre("c", "d"));
  EXPECT_EQ(VersionOf(second.body), VersionOf(first.body));
  token = TextAt(second.body, {"metadata", "continue"});
  const Reply third = server.Call("GET", "/api/v1/pods?limit=2&continue=" + token);
  EXPECT_THAT(NamesOf(third.body), ElementsAre("e"));
  EXPECT_EQ(TextAt(third.body, {"metadata", "continue"}), "");
}

TEST(List, ContinueExpiresWithTheHistory) {
  TestServer server;
  for (const char* name : {"a", "b", "c"}) server.AddPod(name);
  const Reply first = server.Call("GET", "/api/v1/pods?limit=2");
  server.AddPod("d");
  server.AddPod("e");
  server.server().store().Compact();
  const Reply expired =
      server.Call("GET", absl::StrCat("/api/v1/pods?limit=2&continue=",
                                      std::string(TextAt(first.body, {"metadata", "continue"}))));
  EXPECT_EQ(expired.status, 410);
  EXPECT_EQ(TextAt(expired.body, {"reason"}), "Expired");
}

struct ListCase {
  const char* name;
  const char* query;
  int status;
  std::vector<std::string> names;
};

class ListQuery : public ::testing::TestWithParam<ListCase> {};

TEST_P(ListQuery, PicksPods) {
  TestServer server;
  server.AddNode("n1");
  for (const char* name : {"a", "b", "c"}) server.AddPod(name);
  Label(server, "a", {{"app", "web"}, {"tier", "5"}});
  Label(server, "b", {{"app", "db"}});
  ASSERT_EQ(
      server.Call("POST", absl::StrCat(kPods, "/c/binding"), BindingDocument("c", "n1")).status,
      201);
  const Reply reply = server.Call("GET", absl::StrCat("/api/v1/pods?", GetParam().query));
  EXPECT_EQ(reply.status, GetParam().status) << reply.text;
  EXPECT_EQ(NamesOf(reply.body), GetParam().names);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, ListQuery,
    ::testing::Values(
        ListCase{"Equal", "labelSelector=app%3Dweb", 200, {"a"}},
        ListCase{"DoubleEqual", "labelSelector=app%3D%3Dweb", 200, {"a"}},
        ListCase{"NotEqualMatchesAbsent", "labelSelector=app!%3Dweb", 200, {"b", "c"}},
        ListCase{"In", "labelSelector=app%20in%20(web,%20db)", 200, {"a", "b"}},
        ListCase{"NotIn", "labelSelector=app%20notin%20(web)", 200, {"b", "c"}},
        ListCase{"Exists", "labelSelector=tier", 200, {"a"}},
        ListCase{"Absent", "labelSelector=!app", 200, {"c"}},
        ListCase{"Greater", "labelSelector=tier%3E4", 200, {"a"}},
        ListCase{"Two", "labelSelector=app,tier%3C5", 200, {}},
        ListCase{"BadLabelSelector", "labelSelector=app%20within%20(web)", 400, {}},
        ListCase{"Unclosed", "labelSelector=app%20in%20(web", 400, {}},
        ListCase{"ByNode", "fieldSelector=spec.nodeName%3Dn1", 200, {"c"}},
        ListCase{"Unbound", "fieldSelector=spec.nodeName%3D", 200, {"a", "b"}},
        ListCase{"ByName", "fieldSelector=metadata.name%3Db", 200, {"b"}},
        ListCase{"NotByName", "fieldSelector=metadata.name!%3Db", 200, {"a", "c"}},
        ListCase{"ByScheduler", "fieldSelector=spec.schedulerName%3Dother", 200, {}},
        ListCase{"ByPhase", "fieldSelector=status.phase%3DPending,metadata.name%3Da", 200, {"a"}},
        ListCase{"UnknownField", "fieldSelector=spec.color%3Dred", 400, {}},
        ListCase{"BadLimit", "limit=many", 400, {}},
        ListCase{"BadContinue", "limit=1&continue=zzz", 400, {}},
        ListCase{"AnyVersion", "resourceVersion=0", 200, {"a", "b", "c"}},
        ListCase{"FutureVersion", "resourceVersion=100000", 504, {}},
        ListCase{"NoVersion", "resourceVersion=soon", 400, {}},
        ListCase{"MatchWithoutVersion", "resourceVersionMatch=Exact", 400, {}},
        ListCase{"ExactZero", "resourceVersion=0&resourceVersionMatch=Exact", 400, {}}),
    [](const auto& row) { return row.param.name; });

TEST(Watch, StartsWithWhatIsThere) {
  TestServer server;
  server.AddPod("a");
  for (const char* query : {"watch=true", "watch=true&resourceVersion=0"}) {
    const auto watched = server.Watch(absl::StrCat("/api/v1/pods?", query));
    EXPECT_EQ(watched->status, 200);
    EXPECT_THAT(watched->Summary(), ElementsAre("ADDED a")) << query;
  }
}

TEST(Watch, SendsInitialEventsAndSaysWhenTheyEnd) {
  TestServer server;
  server.AddPod("a");
  const auto watched = server.Watch(
      "/api/v1/pods?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
      "&allowWatchBookmarks=true");
  EXPECT_THAT(watched->Summary(), ElementsAre("ADDED a", "BOOKMARK"));
  EXPECT_EQ(TextAt(watched->events[1],
                   {"object", "metadata", "annotations", "k8s.io/initial-events-end"}),
            "true");
  const auto refused = server.Watch("/api/v1/pods?watch=true&sendInitialEvents=true");
  EXPECT_EQ(refused->status, 400);
}

TEST(Watch, TurnsLeavingASelectionIntoDeleted) {
  TestServer server;
  server.AddNode("n1");
  server.AddPod("a");
  const auto unbound = server.Watch("/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3D");
  const auto bound = server.Watch("/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3Dn1");
  server.Call("POST", absl::StrCat(kPods, "/a/binding"), BindingDocument("a", "n1"));
  EXPECT_THAT(unbound->Summary(), ElementsAre("ADDED a", "DELETED a"));
  EXPECT_THAT(bound->Summary(), ElementsAre("ADDED a"));
  // The deleted one is the state that the selector matched, with the version of the change.
  EXPECT_EQ(TextAt(unbound->events[1], {"object", "spec", "nodeName"}), "");
  EXPECT_EQ(VersionOf(unbound->events[1]["object"]), VersionOf(bound->events[0]["object"]));
}

TEST(Watch, KeepsToItsNamespaceAndResource) {
  TestServer server;
  ASSERT_EQ(server.Call("POST", "/api/v1/namespaces", {{"metadata", {{"name", "other"}}}}).status,
            201);
  const auto watched = server.Watch("/api/v1/namespaces/other/pods?watch=1");
  server.AddPod("a");
  server.AddNode("n1");
  EXPECT_THAT(watched->Summary(), IsEmpty());
  server.Call("POST", "/api/v1/namespaces/other/pods", PodDocument("b"));
  EXPECT_THAT(watched->Summary(), ElementsAre("ADDED b"));
}

TEST(Watch, EndsWithAnErrorEventWhenItsVersionIsCompacted) {
  TestServer server;
  server.AddPod("a");
  server.AddPod("b");
  server.server().store().Compact();
  const auto watched = server.Watch("/api/v1/pods?watch=1&resourceVersion=1");
  EXPECT_EQ(watched->status, 200);
  EXPECT_THAT(watched->Summary(), ElementsAre("ERROR 410"));
  EXPECT_EQ(TextAt(watched->events[0], {"object", "reason"}), "Expired");
  EXPECT_TRUE(watched->closed);
  EXPECT_EQ(server.server().watch_count(), 0U);
}

TEST(Watch, OutlivesACompaction) {
  TestServer server;
  const auto watched = server.Watch("/api/v1/pods?watch=1");
  server.AddPod("a");
  server.server().store().Compact();
  server.AddPod("b");
  EXPECT_THAT(watched->Summary(), ElementsAre("ADDED a", "ADDED b"));
}

TEST(Watch, RefusesAVersionThatIsNotReached) {
  TestServer server;
  const auto watched = server.Watch("/api/v1/pods?watch=1&resourceVersion=1000000");
  EXPECT_THAT(watched->Summary(), ElementsAre("ERROR 504"));
}

TEST(Watch, BookmarksEachMinuteAndBeforeItsTimeout) {
  TestServer server;
  const auto watched =
      server.Watch("/api/v1/pods?watch=1&allowWatchBookmarks=true&timeoutSeconds=90");
  server.loop().RunFor(absl::Seconds(59));
  EXPECT_THAT(watched->Summary(), IsEmpty());
  server.AddPod("a");
  server.loop().RunFor(absl::Seconds(1));
  EXPECT_THAT(watched->Summary(), ElementsAre("ADDED a", "BOOKMARK"));
  EXPECT_EQ(VersionOf(watched->events[1]["object"]), VersionOf(watched->events[0]["object"]));
  server.loop().RunFor(absl::Seconds(30));
  EXPECT_THAT(watched->Summary(), ElementsAre("ADDED a", "BOOKMARK", "BOOKMARK"));
  EXPECT_TRUE(watched->closed);
  EXPECT_EQ(server.loop().pending(), 0U);
}

TEST(Watch, ForgetsAPeerThatHasGone) {
  TestServer server;
  const auto watched = server.Watch("/api/v1/pods?watch=1");
  watched->gone();
  server.AddPod("a");
  server.loop().RunFor(absl::Seconds(1));
  EXPECT_THAT(watched->Summary(), IsEmpty());
  EXPECT_EQ(server.server().watch_count(), 0U);
}

TEST(Watch, ClosesAWatcherThatIsTooSlowAndNoOther) {
  ApiServerOptions options;
  options.watch.max_queued_bytes = 1000;
  TestServer server(options);
  const auto slow = server.Watch("/api/v1/pods?watch=1");
  const auto quick = server.Watch("/api/v1/pods?watch=1");
  slow->queued = 1001;
  server.AddPod("a");
  server.loop().RunFor(absl::Seconds(1));
  server.AddPod("b");
  EXPECT_TRUE(slow->closed);
  EXPECT_THAT(quick->Summary(), ElementsAre("ADDED a", "ADDED b"));
  EXPECT_FALSE(quick->closed);
}

TEST(Watch, ServesAThousandWatchers) {
  TestServer server;
  std::vector<std::shared_ptr<Watched>> watchers;
  for (int i = 0; i < 1000; ++i) watchers.push_back(server.Watch("/api/v1/pods?watch=1"));
  server.AddPod("a");
  for (const auto& watched : watchers) {
    ASSERT_THAT(watched->Summary(), ElementsAre("ADDED a"));
  }
  server.server().CloseWatches();
  EXPECT_TRUE(watchers.front()->closed);
  EXPECT_EQ(server.server().watch_count(), 0U);
}

TEST(Watch, ByNameSeesOneObject) {
  TestServer server;
  server.AddPod("a");
  server.AddPod("b");
  const auto watched = server.Watch(absl::StrCat(kPods, "/b?watch=1"));
  EXPECT_THAT(watched->Summary(), ElementsAre("ADDED b"));
}

}  // namespace list_watch_test
}  // namespace heat_scheduler::cluster
