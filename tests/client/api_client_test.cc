#include "kube/client/api_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "base/time_text.h"
#include "tests/client/client_fixture.h"

namespace heat_scheduler::kube {
namespace api_client_test {

using nlohmann::json;
using testing::ElementsAre;

class ApiClientTest : public ClientFixture {
 protected:
  // Returns the body of a request, parsed.
  json SentBody(std::size_t request) const { return json::parse(server_.requests()[request].body); }
  std::string SentType(std::size_t request) const {
    return std::string(net::FindHeader(server_.requests()[request].headers, "Content-Type"));
  }

  ApiClient client_{transport_, loop_, *decoder_, Options()};
};

TEST_F(ApiClientTest, GetsAnObject) {
  server_.Expect("GET", "/api/v1/namespaces/default/pods/web",
                 Reply(200, PodJson("web", "u1", "5")));
  std::optional<ApiResult<Object>> result;
  client_.Get(Kind::kPod, "default", "web", Into(result));
  const auto object = Wait(result);
  ASSERT_TRUE(object.ok());
  EXPECT_EQ(MetadataOf(*object).uid, "u1");
  EXPECT_THAT(reports_, ElementsAre("get pods 200"));
}

TEST_F(ApiClientTest, UnreadableObjectIsAFailureThatNamesIt) {
  server_.Expect("GET", "/api/v1/namespaces/default/pods/web", Reply(200, "{"));
  std::optional<ApiResult<Object>> result;
  client_.Get(Kind::kPod, "default", "web", Into(result));
  const auto object = Wait(result);
  EXPECT_EQ(object.failure().kind, ApiFailure::Kind::kUnreadable);
  EXPECT_TRUE(absl::StartsWith(object.failure().status.message(),
                               "get pods default/web: unreadable answer: "))
      << object.failure().status;
}

TEST_F(ApiClientTest, ListsAPage) {
  server_.Expect(
      "GET", "/api/v1/pods?limit=2&continue=abc",
      Reply(200, ListJson("9", {PodJson("a", "u1", "1"), BadPodJson("b", "u2", "2")}, "def")));
  std::optional<ApiResult<ListPage>> result;
  client_.List({.selection = {.kind = Kind::kPod}, .limit = 2, .continue_token = "abc"},
               Into(result));
  const auto page = Wait(result);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->items.size(), 1u);
  ASSERT_EQ(page->errors.size(), 1u);
  EXPECT_EQ(page->errors[0].name, "b");
  EXPECT_EQ(page->continue_token, "def");
  EXPECT_EQ(page->resource_version, "9");
}

TEST_F(ApiClientTest, BindsWithTheUidAsPrecondition) {
  server_.Expect("POST", "/api/v1/namespaces/default/pods/web/binding",
                 Reply(201, R"({"kind":"Status","status":"Success"})"));
  Binding binding;
  binding.metadata.name = "web";
  binding.metadata.namespace_ = "default";
  binding.metadata.uid = "u1";
  binding.target_node = "n1";
  std::optional<ApiResult<Accepted>> result;
  client_.BindPod(binding, Into(result));
  EXPECT_TRUE(Wait(result).ok());
  const json body = SentBody(0);
  EXPECT_EQ(body["metadata"]["uid"], "u1");
  EXPECT_EQ(body["target"]["name"], "n1");
  EXPECT_EQ(body["target"]["kind"], "Node");
  EXPECT_EQ(SentType(0), "application/json");
  EXPECT_THAT(reports_, ElementsAre("create pods/binding 201"));
}

TEST_F(ApiClientTest, RefusedBindNamesThePod) {
  server_.Expect("POST", "/api/v1/namespaces/default/pods/web/binding",
                 Reply(409, StatusJson(409, "Conflict", "pod web is already assigned to n2")));
  Binding binding;
  binding.metadata.name = "web";
  binding.metadata.namespace_ = "default";
  binding.target_node = "n1";
  std::optional<ApiResult<Accepted>> result;
  client_.BindPod(binding, Into(result));
  const auto refused = Wait(result);
  EXPECT_TRUE(refused.failure().IsHttp(409));
  EXPECT_FALSE(refused.failure().maybe_done());
  EXPECT_EQ(refused.failure().status.message(),
            "create pods/binding default/web: 409 Conflict: pod web is already assigned to n2");
}

TEST_F(ApiClientTest, PatchesTheStatusOfAPod) {
  server_.Expect("PATCH", "/api/v1/namespaces/default/pods/web/status",
                 Reply(200, PodJson("web", "u1", "6")));
  std::optional<ApiResult<Ref<Pod>>> result;
  client_.PatchPodStatus({.namespace_ = "default",
                          .name = "web",
                          .uid = "u1",
                          .condition = PodCondition{.type = "PodScheduled",
                                                    .status = "False",
                                                    .reason = "Unschedulable",
                                                    .message = "0/1 nodes are available"},
                          .transition_time = loop_.Now().wall,
                          .nominated_node_name = std::nullopt},
                         Into(result));
  const auto pod = Wait(result);
  ASSERT_TRUE(pod.ok());
  EXPECT_EQ((*pod)->metadata.resource_version, "6");
  EXPECT_EQ(SentType(0), "application/strategic-merge-patch+json");
  EXPECT_EQ(SentBody(0), json::parse(R"({
    "metadata": {"uid": "u1"},
    "status": {"conditions": [{"type": "PodScheduled", "status": "False",
      "reason": "Unschedulable", "message": "0/1 nodes are available",
      "lastProbeTime": null, "lastTransitionTime": "2026-01-01T00:00:00Z"}]}})"));
  EXPECT_THAT(reports_, ElementsAre("patch pods/status 200"));
}

TEST_F(ApiClientTest, DeletesAPodWithItsUidAsPrecondition) {
  server_.Expect("DELETE", "/api/v1/namespaces/default/pods/web",
                 Reply(200, PodJson("web", "u1", "6")));
  std::optional<ApiResult<Accepted>> result;
  client_.DeletePod("default", "web", "u1", Into(result));
  EXPECT_TRUE(Wait(result).ok());
  EXPECT_EQ(SentBody(0), json::parse(R"({"kind": "DeleteOptions", "apiVersion": "v1",
                                         "preconditions": {"uid": "u1"}})"));
  EXPECT_THAT(reports_, ElementsAre("delete pods 200"));
}

TEST(PodStatusPatchText, NominatedNodeIsSetRemovedOrLeftAlone) {
  PodStatusPatch patch{.namespace_ = "d",
                       .name = "p",
                       .uid = "",
                       .condition = std::nullopt,
                       .transition_time = std::nullopt,
                       .nominated_node_name = std::nullopt};
  EXPECT_EQ(EncodePodStatusPatch(patch), R"({"status":{}})");
  patch.nominated_node_name = "n1";
  EXPECT_EQ(EncodePodStatusPatch(patch), R"({"status":{"nominatedNodeName":"n1"}})");
  patch.nominated_node_name = "";
  EXPECT_EQ(EncodePodStatusPatch(patch), R"({"status":{"nominatedNodeName":null}})");
}

TEST(PodStatusPatchText, BytesThatAreNoUtf8DoNotStopIt) {
  PodStatusPatch patch{.namespace_ = "d",
                       .name = "p",
                       .uid = "",
                       .condition = PodCondition{"T", "False", "R", "bad \xff byte"},
                       .transition_time = std::nullopt,
                       .nominated_node_name = std::nullopt};
  EXPECT_EQ(json::parse(EncodePodStatusPatch(patch))["status"]["conditions"][0]["message"],
            "bad \xef\xbf\xbd byte");
}

TEST_F(ApiClientTest, WritesEventsAndTheirSeries) {
  server_.Expect("POST", "/apis/events.k8s.io/v1/namespaces/default/events", Reply(201, "{}"));
  server_.Expect("PATCH", "/apis/events.k8s.io/v1/namespaces/default/events/web.1",
                 Reply(200, "{}"));
  Event event;
  event.metadata.name = "web.1";
  event.metadata.namespace_ = "default";
  event.reason = "Scheduled";
  event.note = "on n1";
  event.event_time = loop_.Now().wall;
  std::optional<ApiResult<Accepted>> created, patched;
  client_.CreateEvent(event, Into(created));
  EXPECT_TRUE(Wait(created).ok());
  EXPECT_EQ(SentBody(0)["reason"], "Scheduled");
  client_.PatchEventSeries("default", "web.1", 3, *ParseRfc3339("2026-01-01T00:00:05Z"),
                           Into(patched));
  EXPECT_TRUE(Wait(patched).ok());
  EXPECT_EQ(SentType(1), "application/merge-patch+json");
  EXPECT_EQ(
      SentBody(1),
      json::parse(R"({"series":{"count":3,"lastObservedTime":"2026-01-01T00:00:05.000000Z"}})"));
}

TEST_F(ApiClientTest, ReadsCreatesAndUpdatesLeases) {
  const std::string text =
      R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":"ks",
      "name":"l","resourceVersion":"4"},"spec":{"holderIdentity":"me","leaseTransitions":2}})";
  const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/ks/leases";
  server_.Expect("GET", leases + "/l", Reply(200, text));
  server_.Expect("POST", leases, Reply(201, text));
  server_.Expect("PUT", leases + "/l", Reply(409, StatusJson(409, "Conflict", "modified")));

  std::optional<ApiResult<Ref<Lease>>> got, created, updated;
  client_.GetLease("ks", "l", Into(got));
  const auto lease = Wait(got);
  ASSERT_TRUE(lease.ok());
  EXPECT_EQ((*lease)->holder_identity, "me");
  client_.CreateLease(**lease, Into(created));
  EXPECT_EQ((*Wait(created))->lease_transitions, 2);
  client_.UpdateLease(**lease, Into(updated));
  EXPECT_TRUE(Wait(updated).failure().IsHttp(409));
  EXPECT_EQ(SentBody(2)["metadata"]["resourceVersion"], "4");
  EXPECT_THAT(reports_, ElementsAre("get leases 200", "create leases 201", "update leases 409"));
}

// What a watch gave, one line each.
class ApiClientWatch : public ApiClientTest {
 protected:
  CallId Watch() {
    return client_.Watch(
        {.selection = {.kind = Kind::kPod}, .resource_version = "5", .timeout = absl::Minutes(5)},
        {.on_open = [this] { log_.push_back("open"); },
         .on_event =
             [this](const WatchEvent& event) { log_.push_back("event " + event.resource_version); },
         .on_end =
             [this](const WatchEnd& end) {
               log_.push_back("end " + std::to_string(static_cast<int>(end.reason)));
               end_ = end;
             }});
  }
  void Expect(Answer answer) {
    server_.Expect("GET",
                   "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5"
                   "&timeoutSeconds=300",
                   std::move(answer));
  }
  std::vector<std::string> log_;
  WatchEnd end_;
};

TEST_F(ApiClientWatch, HandsOnEventsUntilTheServerCloses) {
  Expect(ReplyLines({EventJson("ADDED", PodJson("a", "u", "6")), BookmarkJson("7")}));
  Watch();
  loop_.RunFor(absl::Seconds(1));
  EXPECT_THAT(log_, ElementsAre("open", "event 6", "event 7", "end 1"));
  EXPECT_THAT(reports_, ElementsAre("watch pods 200"));
}

TEST_F(ApiClientWatch, RefusalIsAnEndWithoutAnOpening) {
  Expect(Reply(410, StatusJson(410, "Expired", "too old")));
  Watch();
  loop_.RunFor(absl::Seconds(1));
  EXPECT_THAT(log_, ElementsAre("end 0"));
  EXPECT_TRUE(end_.failure.expired());
  EXPECT_EQ(end_.failure.status.message(), "watch pods: 410 Expired: too old");
}

TEST_F(ApiClientWatch, GarbledLineEndsIt) {
  Expect(ReplyLines({"{\"type\":", EventJson("ADDED", PodJson("a", "u", "6"))}));
  Watch();
  loop_.RunFor(absl::Seconds(1));
  EXPECT_THAT(log_, ElementsAre("open", "end 3"));
  EXPECT_EQ(transport_.open(), 0u);
}

TEST_F(ApiClientWatch, EndInsideAnEventIsGarbled) {
  ScriptedStream stream;
  Expect(stream.Open());
  Watch();
  loop_.RunFor(absl::Seconds(1));
  stream.Write("{\"type\":\"ADD");
  stream.Close();
  loop_.RunFor(absl::Seconds(1));
  EXPECT_THAT(log_, ElementsAre("open", "end 3"));
  EXPECT_EQ(end_.failure.status.message(),
            "watch pods: unreadable answer: it ends inside an event");
}

TEST_F(ApiClientWatch, LineOverTheLimitEndsItBeforeItIsHeld) {
  ScriptedStream stream;
  Expect(stream.Open());
  Watch();
  loop_.RunFor(absl::Seconds(1));
  for (int i = 0; i < 10 && stream.is_open(); ++i) {
    stream.Write(std::string(1024 * 1024, 'x'));
    loop_.RunFor(absl::Seconds(1));
  }
  EXPECT_THAT(log_, ElementsAre("open", "end 4"));
  EXPECT_FALSE(stream.is_open());
}

TEST_F(ApiClientWatch, CancelInsideAnEventStopsAtOnce) {
  Expect(ReplyLines(
      {EventJson("ADDED", PodJson("a", "u", "6")), EventJson("ADDED", PodJson("b", "v", "7"))}));
  CallId id = 0;
  int events = 0;
  id = client_.Watch(
      {.selection = {.kind = Kind::kPod}, .resource_version = "5", .timeout = absl::Minutes(5)},
      {.on_open = [] {},
       .on_event =
           [&](const WatchEvent&) {
             ++events;
             client_.Cancel(id);
           },
       .on_end = [](const WatchEnd&) { FAIL(); }});
  loop_.RunFor(absl::Seconds(1));
  EXPECT_EQ(events, 1);
}

}  // namespace api_client_test
}  // namespace heat_scheduler::kube
