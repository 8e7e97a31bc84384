// The rows of the fault matrix that a reflector answers for, each by its number.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/client/reflector_fixture.h"

namespace heat_scheduler::kube {
namespace reflector_faults_test {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ReflectorFaults : public ReflectorFixture {
 protected:
  // Answers every request from now on with `answer`, noting when it came.
  void NoteTimes(Answer answer) {
    server_.Otherwise([this, answer = std::move(answer)](const net::HttpRequest& request,
                                                         std::shared_ptr<net::ResponseSink> sink) {
      times_.push_back(loop_.Now().mono);
      answer(request, std::move(sink));
    });
  }

  std::vector<absl::Duration> times_;
};

// Row 1: the API server restarts.
TEST_F(ReflectorFaults, Row1RestartsCostNoListAndAreBackedOff) {
  StartWith("5", {PodJson("a", "u1", "3")});
  std::string version = "5";
  for (int restart = 0; restart < 20; ++restart) {
    for (int minute = 0; minute < 3; ++minute) {
      loop_.RunFor(absl::Minutes(1));
      SendEvents({BookmarkJson(version)});
    }
    const std::uint64_t failures = reflector_.stats().watch_failures;
    transport_.Connect(nullptr);
    transport_.CutAll();
    loop_.RunFor(absl::Seconds(10));
    // One cut, then tries after 0, 0.8.., 1.6.. and 3.2.. seconds, each up to twice as long.
    EXPECT_GE(reflector_.stats().watch_failures - failures, 4u);
    EXPECT_LE(reflector_.stats().watch_failures - failures, 5u);
    transport_.Connect(&server_);
    server_.Expect("GET", WatchFrom(version), stream_.Open());
    RunUntilWatching();
    version = std::to_string(6 + restart);
    SendEvents({EventJson("MODIFIED", PodJson("a", "u1", version))});
    EXPECT_THAT(handler_.Take(), ElementsAre("upsert a u1 " + version));
  }
  EXPECT_EQ(reflector_.stats().lists, 1u);
}

// Row 3: 410 Gone, as an HTTP status and as an event. Deletes that were missed are made up.
TEST_F(ReflectorFaults, Row3GoneAsStatusListsAgain) {
  StartWith("5", {PodJson("a", "u1", "3"), PodJson("b", "u2", "4")});
  loop_.RunFor(absl::Minutes(1));
  stream_.Close();
  server_.Expect("GET", WatchFrom("5"), Reply(410, StatusJson(410, "Expired", "too old")));
  ExpectListAndWatch("20", {PodJson("b", "u2", "15"), PodJson("c", "u3", "16")});
  const absl::Duration before = loop_.Now().mono;
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(),
              ElementsAre("delete a u1 3", "upsert b u2 15", "upsert c u3 16", "synced"));
  EXPECT_LT(loop_.Now().mono - before, absl::Seconds(0.1)) << "the first list again is at once";
}

TEST_F(ReflectorFaults, Row3GoneAsEventListsAgain) {
  StartWith("5", {PodJson("a", "u1", "3")});
  loop_.RunFor(absl::Minutes(1));
  ExpectListAndWatch("20", {PodJson("a", "u1", "3")});
  SendEvents({EventJson("ADDED", PodJson("b", "u2", "6")),
              EventJson("ERROR", StatusJson(410, "Expired", "too old resource version"))});
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(), ElementsAre("upsert b u2 6", "delete b u2 6", "synced"));
  EXPECT_THAT(
      handler_.troubles,
      ElementsAre("watch pods: the server ended it: 410 Expired: too old resource version"));
}

TEST_F(ReflectorFaults, Row3GoneForEverMakesNoListStorm) {
  NoteTimes([](const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) {
    const bool watch = request.target.find("watch=true") != std::string::npos;
    sink->Send(watch ? net::HttpResponse{410, {}, StatusJson(410, "Gone", "too old")}
                     : net::HttpResponse{200, {}, ListJson("5", {})});
  });
  reflector_.Start();
  loop_.RunFor(absl::Minutes(10));
  EXPECT_LE(reflector_.stats().lists, 30u);
  EXPECT_GE(reflector_.stats().lists, 10u);
}

TEST_F(ReflectorFaults, OtherErrorEventWatchesAgainFromTheLastVersion) {
  StartWith("5", {});
  SendEvents({EventJson("ADDED", PodJson("a", "u1", "6")),
              EventJson("ERROR", StatusJson(500, "InternalError", "etcd"))});
  server_.Expect("GET", WatchFrom("6"), stream_.Open());
  RunUntilWatching();
  EXPECT_EQ(reflector_.stats().lists, 1u);
}

// Row 4: the server is behind the version that we have seen.
TEST_F(ReflectorFaults, Row4TooLargeVersionListsWithTheVersionUnset) {
  StartWith("50", {PodJson("a", "u1", "3")});
  loop_.RunFor(absl::Minutes(1));
  stream_.Close();
  server_.Expect(
      "GET", WatchFrom("50"),
      Reply(504, StatusJson(504, "Timeout", "Too large resource version: 50, current: 9")));
  ExpectListAndWatch("51", {PodJson("a", "u1", "3")});
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(), ElementsAre("synced"));
  EXPECT_EQ(reflector_.resource_version(), "51");
}

// Row 5: the continue token expires. No item of the first snapshot is mixed into the second.
TEST_F(ReflectorFaults, Row5ExpiredContinueTokenListsAllAtOnce) {
  server_.Expect("GET", kFirstPage, Reply(200, ListJson("5", {PodJson("a", "u1", "3")}, "t1")));
  server_.Expect("GET", "/api/v1/pods?limit=500&continue=t1",
                 Reply(200, ListJson("5", {PodJson("b", "u2", "4")}, "t2")));
  server_.Expect("GET", "/api/v1/pods?limit=500&continue=t2",
                 Reply(410, StatusJson(410, "Expired", "continue token too old")));
  server_.Expect("GET", "/api/v1/pods", Reply(200, ListJson("9", {PodJson("b", "u2", "8")})));
  server_.Expect("GET", WatchFrom("9"), stream_.Open());
  reflector_.Start();
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(), ElementsAre("upsert b u2 8", "synced"));
}

TEST_F(ReflectorFaults, Row5PageOfAnotherSnapshotIsNotMixedIn) {
  server_.Expect("GET", kFirstPage, Reply(200, ListJson("5", {PodJson("a", "u1", "3")}, "t1")));
  server_.Expect("GET", "/api/v1/pods?limit=500&continue=t1",
                 Reply(200, ListJson("7", {PodJson("b", "u2", "6")})));
  server_.Expect("GET", "/api/v1/pods", Reply(200, ListJson("8", {PodJson("b", "u2", "6")})));
  server_.Expect("GET", WatchFrom("8"), stream_.Open());
  reflector_.Start();
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(), ElementsAre("upsert b u2 6", "synced"));
}

TEST_F(ReflectorFaults, Row5PagesThatNeverEndAreGivenUp) {
  server_.Expect("GET", kFirstPage, Reply(200, ListJson("5", {}, "t")));
  server_.Expect("GET", "/api/v1/pods?limit=500&continue=t", Reply(200, ListJson("5", {}, "t")));
  server_.Expect("GET", "/api/v1/pods", Reply(200, ListJson("8", {})));
  server_.Expect("GET", WatchFrom("8"), stream_.Open());
  reflector_.Start();
  RunUntilWatching();
}

TEST_F(ReflectorFaults, Row5LostPageStartsTheListAgain) {
  PlannedFaults faults({{}, {.fate = FaultPlan::Fate::kLoseReply}});
  transport_.SetPolicy(&faults);
  server_.Expect("GET", kFirstPage, Reply(200, ListJson("5", {PodJson("a", "u1", "3")}, "t1")));
  server_.Expect("GET", "/api/v1/pods?limit=500&continue=t1", Reply(200, ListJson("5", {})));
  ExpectListAndWatch("9", {PodJson("b", "u2", "8")});
  reflector_.Start();
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(), ElementsAre("upsert b u2 8", "synced"));
}

// Row 6: the watch closes at once, again and again.
TEST_F(ReflectorFaults, Row6WatchesThatCloseAtOnceAreRare) {
  server_.Expect("GET", kFirstPage, Reply(200, ListJson("5", {})));
  NoteTimes(ReplyLines({}));
  reflector_.Start();
  loop_.RunFor(absl::Minutes(5));
  EXPECT_LE(times_.size(), 20u);
  EXPECT_GE(times_.size(), 8u);
  for (std::size_t i = 3; i < times_.size(); ++i) {
    EXPECT_GT(times_[i] - times_[i - 2], absl::Seconds(2)) << "less than one request a second";
  }
  EXPECT_THAT(handler_.troubles, Each("watch pods: closed at once"));
}

// Row 7: half-open connections.
TEST_F(ReflectorFaults, Row7SilentWatchIsGivenUpAndGoesOnFromTheLastVersion) {
  StartWith("5", {});
  SendEvents({EventJson("ADDED", PodJson("a", "u1", "6"))});
  transport_.FreezeAll();
  SendEvents({EventJson("ADDED", PodJson("b", "u2", "7"))});
  EXPECT_THAT(handler_.Take(), ElementsAre("upsert a u1 6"));
  server_.Expect("GET", WatchFrom("6"), stream_.Open());
  const absl::Duration frozen_at = loop_.Now().mono;
  RunUntilWatching();
  EXPECT_LE(loop_.Now().mono - frozen_at, absl::Minutes(2) + absl::Seconds(1));
  SendEvents({EventJson("ADDED", PodJson("b", "u2", "7"))});
  EXPECT_THAT(handler_.Take(), ElementsAre("upsert b u2 7"));
  EXPECT_THAT(handler_.troubles, ElementsAre("watch pods: no response within 2m"));
}

TEST_F(ReflectorFaults, Row7BookmarksKeepAQuietWatchOpen) {
  StartWith("5", {});
  for (int minute = 1; minute <= 30; ++minute) {
    loop_.RunFor(absl::Minutes(1));
    SendEvents({BookmarkJson(std::to_string(5 + minute))});
  }
  EXPECT_EQ(reflector_.stats().watches, 1u);
  EXPECT_THAT(handler_.troubles, IsEmpty());
}

// Row 8: bookmarks alone advance the version, so that the next watch does not ask an old one.
TEST_F(ReflectorFaults, Row8BookmarksAdvanceTheVersion) {
  StartWith("5", {PodJson("a", "u1", "3")});
  SendEvents({BookmarkJson("400"), BookmarkJson("900")});
  EXPECT_EQ(reflector_.resource_version(), "900");
  EXPECT_EQ(reflector_.stats().bookmarks, 2u);
  loop_.RunFor(absl::Minutes(1));
  stream_.Close();
  server_.Expect("GET", WatchFrom("900"), stream_.Open());
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(), IsEmpty());
}

// Row 10: duplicates, replays, and names that come back.
TEST_F(ReflectorFaults, Row10DuplicatesAndOlderEventsChangeNothing) {
  StartWith("5", {PodJson("a", "u1", "3")});
  SendEvents({EventJson("MODIFIED", PodJson("a", "u1", "9")),
              EventJson("MODIFIED", PodJson("a", "u1", "9")),
              EventJson("MODIFIED", PodJson("a", "u1", "7")),
              EventJson("ADDED", PodJson("a", "u1", "3"))});
  EXPECT_THAT(handler_.Take(), ElementsAre("upsert a u1 9"));
  EXPECT_EQ(reflector_.resource_version(), "9") << "a replay does not take it back";
}

TEST_F(ReflectorFaults, Row10ModifiedBeforeAddedIsAnUpsert) {
  StartWith("5", {});
  SendEvents({EventJson("MODIFIED", PodJson("a", "u1", "7")),
              EventJson("ADDED", PodJson("a", "u1", "6"))});
  EXPECT_THAT(handler_.Take(), ElementsAre("upsert a u1 7"));
}

TEST_F(ReflectorFaults, Row10SameNameWithANewUidIsAnotherObject) {
  StartWith("5", {PodJson("a", "u1", "3")});
  SendEvents({EventJson("DELETED", PodJson("a", "u1", "6")),
              EventJson("ADDED", PodJson("a", "u2", "7")),
              // Late news of the first one.
              EventJson("MODIFIED", PodJson("a", "u1", "4")),
              EventJson("DELETED", PodJson("a", "u1", "6"))});
  EXPECT_THAT(handler_.Take(), ElementsAre("delete a u1 3", "upsert a u2 7"));
}

TEST_F(ReflectorFaults, Row10MissedDeleteOfTheFormerObjectIsMadeUp) {
  StartWith("5", {PodJson("a", "u1", "3")});
  SendEvents({EventJson("ADDED", PodJson("a", "u2", "7"))});
  EXPECT_THAT(handler_.Take(), ElementsAre("delete a u1 3", "upsert a u2 7"));
}

TEST_F(ReflectorFaults, Row10DeletedObjectIsNotBroughtBackByAReplay) {
  StartWith("5", {PodJson("a", "u1", "3")});
  SendEvents({EventJson("DELETED", PodJson("a", "u1", "6")),
              EventJson("MODIFIED", PodJson("a", "u1", "5")),
              EventJson("DELETED", PodJson("a", "u1", "6"))});
  EXPECT_THAT(handler_.Take(), ElementsAre("delete a u1 3"));
  // An object that had only left the selection does come back, with a newer version.
  SendEvents({EventJson("ADDED", PodJson("a", "u1", "8"))});
  EXPECT_THAT(handler_.Take(), ElementsAre("upsert a u1 8"));
}

TEST_F(ReflectorFaults, Row10ListTellsOnlyWhatChanged) {
  StartWith("5", {PodJson("a", "u1", "3"), PodJson("b", "u2", "4"), PodJson("c", "u3", "5")});
  loop_.RunFor(absl::Minutes(1));
  ExpectListAndWatch("9",
                     {PodJson("a", "u1", "3"), PodJson("b", "u9", "8"), PodJson("c", "u3", "7")});
  SendEvents({EventJson("ERROR", StatusJson(410, "Expired", ""))});
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(),
              ElementsAre("delete b u2 4", "upsert b u9 8", "upsert c u3 7", "synced"));
}

// Row 11: a delete that was missed because we were away.
TEST_F(ReflectorFaults, Row11MissedDeleteIsFoundByOneList) {
  StartWith("5", {PodJson("a", "u1", "3"), PodJson("b", "u2", "4")});
  loop_.RunFor(absl::Minutes(1));
  transport_.CutAll();
  server_.Expect("GET", WatchFrom("5"), Reply(410, StatusJson(410, "Gone", "compacted")));
  ExpectListAndWatch("99", {PodJson("b", "u2", "4")});
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(), ElementsAre("delete a u1 3", "synced"));
}

// Row 12: the server asks for a pause.
TEST_F(ReflectorFaults, Row12PausesThatTheServerAsksForAreKept) {
  server_.Expect("GET", kFirstPage, Reply(429, "", {{"Retry-After", "17"}}));
  server_.Expect("GET", kFirstPage, Reply(503, "", {{"Retry-After", "23"}}));
  server_.Expect("GET", kFirstPage, Reply(200, ListJson("5", {})));
  server_.Expect("GET", WatchFrom("5"), Reply(429, "", {{"Retry-After", "19"}}));
  server_.Expect("GET", WatchFrom("5"), stream_.Open());
  reflector_.Start();
  RunUntilWatching();
  EXPECT_GE(loop_.Now().mono, absl::Seconds(17 + 23 + 19));
  EXPECT_LT(loop_.Now().mono, absl::Seconds(17 + 23 + 19 + 1));
}

TEST_F(ReflectorFaults, Row12ServerErrorsAreBackedOff) {
  NoteTimes(Reply(500, StatusJson(500, "InternalError", "not yet")));
  reflector_.Start();
  loop_.RunFor(absl::Minutes(10));
  EXPECT_THAT(times_, SizeIs(testing::Le(30u)));
  EXPECT_THAT(times_, SizeIs(testing::Ge(10u)));
  EXPECT_FALSE(reflector_.synced());
}

// Row 43: the token is rotated while a watch is to be opened.
TEST_F(ReflectorFaults, Row43RotatedTokenCostsNoBackOff) {
  std::string token = "old";
  RequesterOptions options = Options();
  options.token = TokenSource::BearerFile(
      "/token", [&](const std::string&) -> absl::StatusOr<std::string> { return token; });
  ApiClient client(transport_, loop_, *decoder_, options);
  Reflector reflector(client, loop_, {.selection = {.kind = Kind::kPod}}, handler_);
  server_.Expect("GET", kFirstPage, Reply(200, ListJson("5", {})));
  server_.Expect("GET", WatchFrom("5"), [&](const auto&, std::shared_ptr<net::ResponseSink> sink) {
    token = "new";
    sink->Send({401, {}, ""});
  });
  server_.Expect("GET", WatchFrom("5"), stream_.Open());
  reflector.Start();
  EXPECT_TRUE(loop_.RunUntil([&] { return reflector.watching(); }, absl::Seconds(0.1)));
  EXPECT_EQ(net::FindHeader(server_.requests().back().headers, "Authorization"), "Bearer new");
  EXPECT_THAT(handler_.troubles, IsEmpty());
}

// Bytes that cannot be read.
TEST_F(ReflectorFaults, TruncatedEventIsReadAgainFromTheLastVersion) {
  StartWith("5", {});
  SendEvents({EventJson("ADDED", PodJson("a", "u1", "6"))});
  stream_.Write(EventJson("ADDED", PodJson("b", "u2", "7")).substr(0, 40));
  loop_.RunFor(absl::Seconds(1));
  transport_.CutAll();
  server_.Expect("GET", WatchFrom("6"), stream_.Open());
  RunUntilWatching();
  SendEvents({EventJson("ADDED", PodJson("b", "u2", "7"))});
  EXPECT_THAT(handler_.Take(), ElementsAre("upsert a u1 6", "upsert b u2 7"));
}

TEST_F(ReflectorFaults, GarbledEventThatComesAgainIsPassedByAList) {
  server_.Expect("GET", kFirstPage, Reply(200, ListJson("5", {})));
  for (int i = 0; i < 3; ++i) {
    server_.Expect("GET", WatchFrom("5"), ReplyLines({"{\"type\":\"ADDED\",\"object\":{"}));
  }
  ExpectListAndWatch("9", {PodJson("a", "u1", "8")});
  reflector_.Start();
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(), ElementsAre("synced", "upsert a u1 8", "synced"));
  EXPECT_EQ(reflector_.stats().decode_errors, 3u);
}

TEST_F(ReflectorFaults, ObjectOfTenMegabytesComesByAList) {
  StartWith("5", {PodJson("a", "u1", "3")});
  loop_.RunFor(absl::Minutes(1));
  std::string large = PodJson("a", "u1", "6");
  large.insert(large.find("\"uid\""),
               "\"annotations\":{\"x\":\"" + std::string(10'000'000, 'x') + "\"},");
  stream_.WriteLine(EventJson("MODIFIED", large));
  ExpectListAndWatch("7", {large});
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(), ElementsAre("upsert a u1 6", "synced"));
  ASSERT_THAT(handler_.troubles, SizeIs(1));
  EXPECT_THAT(handler_.troubles[0], HasSubstr("a line is over the limit of 3149824 bytes"));
}

TEST_F(ReflectorFaults, StoreRestoredFromABackupIsFollowed) {
  StartWith("900", {PodJson("a", "u1", "800"), PodJson("b", "u2", "890")});
  loop_.RunFor(absl::Minutes(1));
  stream_.Close();
  server_.Expect("GET", WatchFrom("900"),
                 Reply(504, StatusJson(504, "Timeout", "Too large resource version: 900")));
  ExpectListAndWatch("500", {PodJson("a", "u1", "400")});
  RunUntilWatching();
  EXPECT_THAT(handler_.Take(), ElementsAre("delete b u2 890", "upsert a u1 400", "synced"));
  EXPECT_EQ(reflector_.resource_version(), "500");
  SendEvents({EventJson("MODIFIED", PodJson("a", "u1", "501"))});
  EXPECT_THAT(handler_.Take(), ElementsAre("upsert a u1 501"));
}

}  // namespace reflector_faults_test
}  // namespace heat_scheduler::kube
