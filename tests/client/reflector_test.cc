#include "kube/client/reflector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/client/reflector_fixture.h"

namespace heat_scheduler::kube {
namespace reflector_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReflectorTest : public ReflectorFixture {};

TEST_F(ReflectorTest, ListsThenWatchesFromThere) {
  ExpectListAndWatch("5", {PodJson("a", "u1", "3"), PodJson("b", "u2", "4")});
  EXPECT_FALSE(reflector_.synced());
  reflector_.Start();
  reflector_.Start();
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(), ElementsAre("upsert a u1 3", "upsert b u2 4", "synced"));
  EXPECT_TRUE(reflector_.synced());
  EXPECT_EQ(reflector_.size(), 2u);
  EXPECT_EQ(reflector_.resource_version(), "5");

  SendEvents({EventJson("ADDED", PodJson("c", "u3", "6")),
              EventJson("MODIFIED", PodJson("a", "u1", "7")),
              EventJson("DELETED", PodJson("b", "u2", "8"))});
  EXPECT_THAT(handler_.Take(), ElementsAre("upsert c u3 6", "upsert a u1 7", "delete b u2 4"));
  EXPECT_EQ(reflector_.resource_version(), "8");
  EXPECT_EQ(reflector_.stats().events, 3u);
  EXPECT_EQ(reflector_.stats().lists, 1u);
  EXPECT_EQ(reflector_.stats().watches, 1u);
  EXPECT_THAT(handler_.troubles, IsEmpty());
}

TEST_F(ReflectorTest, ListsInPagesOfOneSnapshot) {
  server_.Expect("GET", kFirstPage, Reply(200, ListJson("5", {PodJson("a", "u1", "3")}, "t1")));
  server_.Expect("GET", "/api/v1/pods?limit=500&continue=t1",
                 Reply(200, ListJson("5", {PodJson("b", "u2", "4")}, "t2")));
  server_.Expect("GET", "/api/v1/pods?limit=500&continue=t2",
                 Reply(200, ListJson("5", {PodJson("c", "u3", "5")})));
  server_.Expect("GET", WatchFrom("5"), stream_.Open());
  reflector_.Start();
  RunUntilWatching();
  // Nothing is told before the last page: a page is no state that ever was complete.
  EXPECT_THAT(handler_.Take(),
              ElementsAre("upsert a u1 3", "upsert b u2 4", "upsert c u3 5", "synced"));
}

TEST_F(ReflectorTest, SelectsByNamespaceLabelAndField) {
  Reflector selected(client_, loop_,
                     {.selection = {.kind = Kind::kPod,
                                    .namespace_ = "n",
                                    .label_selector = "a=b",
                                    .field_selector = "spec.nodeName="}},
                     handler_);
  server_.Expect(
      "GET",
      "/api/v1/namespaces/n/pods?labelSelector=a%3Db&fieldSelector=spec.nodeName%3D&limit=500",
      Reply(200, ListJson("5", {})));
  server_.Expect("GET",
                 "/api/v1/namespaces/n/pods?watch=true&allowWatchBookmarks=true&labelSelector=a%3Db"
                 "&fieldSelector=spec.nodeName%3D&resourceVersion=5*",
                 stream_.Open());
  selected.Start();
  EXPECT_TRUE(loop_.RunUntil([&] { return selected.watching(); }, absl::Seconds(5)));
}

TEST_F(ReflectorTest, WatchesLastBetweenFiveAndTenMinutesAtRandom) {
  std::set<int> seconds;
  server_.Expect("GET", kFirstPage, Reply(200, ListJson("5", {})));
  server_.Otherwise([&](const net::HttpRequest& request,
                        const std::shared_ptr<net::ResponseSink>& sink) {
    const std::string marker = "timeoutSeconds=";
    seconds.insert(std::stoi(request.target.substr(request.target.find(marker) + marker.size())));
    sink->BeginStream(200, {});
    loop_.RunAfter(absl::Seconds(10), [sink] { sink->Close(); });
  });
  reflector_.Start();
  loop_.RunFor(absl::Minutes(10));
  EXPECT_GT(seconds.size(), 30u);
  EXPECT_GE(*seconds.begin(), 300);
  EXPECT_LT(*seconds.rbegin(), 600);
  EXPECT_THAT(handler_.troubles, IsEmpty());
}

TEST_F(ReflectorTest, BadObjectIsReportedAndIsNotTakenAsDeleted) {
  StartWith("5", {PodJson("a", "u1", "3")});
  SendEvents({EventJson("MODIFIED", BadPodJson("a", "u1", "6")),
              EventJson("ADDED", BadPodJson("b", "u2", "7")),
              EventJson("ADDED", PodJson("c", "u3", "8"))});
  EXPECT_THAT(handler_.Take(), ElementsAre("bad default/a", "bad default/b", "upsert c u3 8"));
  EXPECT_EQ(reflector_.stats().decode_errors, 2u);
  EXPECT_EQ(reflector_.resource_version(), "8");
  // It is deleted although its last version was bad, and the bad one cannot be read even then.
  SendEvents({EventJson("DELETED", BadPodJson("a", "u1", "9"))});
  EXPECT_THAT(handler_.Take(), ElementsAre("delete a u1 3"));
}

TEST_F(ReflectorTest, BadObjectInAListIsNotTakenAsDeleted) {
  StartWith("5", {PodJson("a", "u1", "3"), PodJson("b", "u2", "4")});
  loop_.RunFor(absl::Minutes(1));
  ExpectListAndWatch("9", {BadPodJson("a", "u1", "8")});
  SendEvents({EventJson("ERROR", StatusJson(410, "Expired", "too old"))});
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(), ElementsAre("delete b u2 4", "bad default/a", "synced"));
  EXPECT_EQ(reflector_.size(), 1u);
}

TEST_F(ReflectorTest, UnreadableListIsTriedAgain) {
  server_.Expect("GET", kFirstPage, Reply(200, "[]"));
  server_.Expect("GET", kFirstPage, Reply(200, R"({"metadata":{},"items":[]})"));
  ExpectListAndWatch("5", {});
  reflector_.Start();
  RunUntilWatching();
  ASSERT_EQ(handler_.troubles.size(), 2u);
  EXPECT_THAT(handler_.troubles[0], HasSubstr("list pods: unreadable answer"));
  EXPECT_THAT(handler_.troubles[1], HasSubstr("metadata.resourceVersion"));
  EXPECT_TRUE(reflector_.last_error().ok());
}

TEST_F(ReflectorTest, ForbiddenNamesResourceVerbAndRemedy) {
  server_.Expect("GET", kFirstPage,
                 Reply(403, StatusJson(403, "Forbidden", "user x cannot list resource pods")));
  ExpectListAndWatch("5", {});
  reflector_.Start();
  RunUntilWatching();
  EXPECT_THAT(handler_.troubles,
              ElementsAre("list pods: 403 Forbidden: user x cannot list resource pods; allow the "
                          "verb \"list\" on resource \"pods\" of API group \"\" by RBAC, with a "
                          "ClusterRole and a ClusterRoleBinding for this user"));
}

TEST_F(ReflectorTest, StopEndsEverythingAndStartTellsTheDifferences) {
  StartWith("5", {PodJson("a", "u1", "3"), PodJson("b", "u2", "4")});
  reflector_.Stop();
  loop_.RunFor(absl::Minutes(5));
  EXPECT_FALSE(stream_.is_open());
  EXPECT_EQ(transport_.open(), 0u);
  EXPECT_THAT(handler_.Take(), IsEmpty());

  ExpectListAndWatch("9", {PodJson("b", "u2", "4"), PodJson("c", "u3", "8")});
  reflector_.Start();
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(), ElementsAre("delete a u1 3", "upsert c u3 8", "synced"));
}

TEST_F(ReflectorTest, StopInsideTheHandlerIsKept) {
  struct Stopper final : ReflectorHandler {
    void OnUpsert(const Object&) override {}
    void OnDelete(const Object&) override {}
    void OnSynced() override { reflector->Stop(); }
    void OnBadObject(Kind, const std::string&, const absl::Status&) override {}
    void OnTrouble(Kind, const absl::Status&) override {}
    Reflector* reflector = nullptr;
  } stopper;
  Reflector reflector(client_, loop_, {.selection = {.kind = Kind::kPod}}, stopper);
  stopper.reflector = &reflector;
  server_.Expect("GET", kFirstPage, Reply(200, ListJson("5", {})));
  reflector.Start();
  loop_.RunFor(absl::Minutes(5));
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(ReflectorTest, PageOverTheLimitIsAskedForInSmallerOnes) {
  PlannedFaults faults({});
  transport_.SetPolicy(&faults);
  server_.Expect("GET", kFirstPage, Reply(200, std::string(kMaxListBytes + 1, ' ')));
  server_.Expect("GET", "/api/v1/pods?limit=250", Reply(200, ListJson("5", {})));
  server_.Expect("GET", WatchFrom("5"), stream_.Open());
  reflector_.Start();
  RunUntilWatching();
  EXPECT_THAT(handler_.troubles[0], HasSubstr("over the limit of 268435456 bytes"));
}

}  // namespace reflector_test
}  // namespace heat_scheduler::kube
