#include "cluster/table.h"

#include <string>

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"
#include "tests/cluster/test_server.h"

namespace heat_scheduler::cluster {
namespace table_test {

TEST(Table, IsServedToThoseWhoAskForIt) {
  TestServer server;
  server.AddPod("a");
  const Reply table = server.CallText(
      "GET", "/api/v1/pods", "",
      {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}});
  EXPECT_EQ(TextAt(table.body, {"kind"}), "Table");
  EXPECT_EQ(table.body["columnDefinitions"].size(), 9U);
  EXPECT_EQ(table.body["rows"][0]["cells"],
            Json({"a", "0/1", "Pending", "0", "0s", "<none>", "<none>", "<none>", "<none>"}));
  EXPECT_EQ(TextAt(table.body["rows"][0], {"object", "kind"}), "PartialObjectMetadata");
  const Reply plain = server.CallText("GET", "/api/v1/pods", "", {{"Accept", "application/json"}});
  EXPECT_EQ(TextAt(plain.body, {"kind"}), "PodList");
  const Reply protobuf = server.CallText("GET", "/api/v1/pods", "",
                                         {{"Accept", "application/vnd.kubernetes.protobuf"}});
  EXPECT_EQ(protobuf.status, 406);
}

struct StatusCase {
  const char* name;
  const char* pod;
  const char* status;
};

class PodStatusColumn : public ::testing::TestWithParam<StatusCase> {};

TEST_P(PodStatusColumn, SaysWhatKubectlSays) {
  const Json cells =
      CellsOf(PodResource(), Json::parse(GetParam().pod), absl::UnixEpoch())["cells"];
  EXPECT_EQ(cells[2], GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, PodStatusColumn,
    ::testing::Values(
        StatusCase{"Phase", R"({"status":{"phase":"Pending"}})", "Pending"},
        StatusCase{"Reason", R"({"status":{"phase":"Failed","reason":"OutOfcpu"}})", "OutOfcpu"},
        StatusCase{"Gated",
                   R"({"status":{"phase":"Pending","conditions":[{"type":"PodScheduled",
                       "status":"False","reason":"SchedulingGated"}]}})",
                   "SchedulingGated"},
        StatusCase{"Ended",
                   R"({"status":{"phase":"Succeeded","containerStatuses":[
                       {"state":{"terminated":{"reason":"Completed"}}}]}})",
                   "Completed"},
        StatusCase{"Deleted",
                   R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},
                       "status":{"phase":"Running"}})",
                   "Terminating"}),
    [](const auto& row) { return row.param.name; });

TEST(Events, AreOneSetWithTwoFaces) {
  TestServer server;
  const Json event = {{"apiVersion", "events.k8s.io/v1"},
                      {"kind", "Event"},
                      {"metadata", {{"name", "e"}}},
                      {"regarding", {{"kind", "Pod"}, {"name", "a"}}},
                      {"reason", "Scheduled"},
                      {"note", "it fits"},
                      {"eventTime", "2026-01-01T00:00:00.000000Z"}};
  ASSERT_EQ(server.Call("POST", "/apis/events.k8s.io/v1/namespaces/default/events", event).status,
            201);
  const Json core = server.Call("GET", "/api/v1/namespaces/default/events/e").body;
  EXPECT_EQ(TextAt(core, {"message"}), "it fits");
  EXPECT_EQ(TextAt(core, {"involvedObject", "name"}), "a");
  EXPECT_EQ(TextAt(core, {"apiVersion"}), "v1");
  const auto watched =
      server.Watch("/apis/events.k8s.io/v1/events?watch=1&fieldSelector=regarding.name%3Da");
  ASSERT_EQ(watched->events.size(), 1U);
  EXPECT_EQ(TextAt(watched->events[0], {"object", "note"}), "it fits");
  EXPECT_EQ(TextAt(watched->events[0], {"object", "apiVersion"}), "events.k8s.io/v1");
  const Json cells = CellsOf(EventResource(), core, absl::FromUnixSeconds(1767225605))["cells"];
  EXPECT_EQ(cells[0], "5s");
  EXPECT_EQ(cells[3], "pod/a");
}

struct PathCase {
  const char* name;
  const char* method;
  const char* target;
  int status;
};

class Paths : public ::testing::TestWithParam<PathCase> {};

TEST_P(Paths, AreAnswered) {
  TestServer server;
  EXPECT_EQ(server.Call(GetParam().method, GetParam().target).status, GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Paths,
    ::testing::Values(PathCase{"Health", "GET", "/healthz", 200},
                      PathCase{"Version", "GET", "/version", 200},
                      PathCase{"Groups", "GET", "/apis", 200},
                      PathCase{"Core", "GET", "/api/v1", 200},
                      PathCase{"Apps", "GET", "/apis/apps/v1", 200},
                      PathCase{"OpenApi2", "GET", "/openapi/v2", 200},
                      PathCase{"OpenApi3", "GET", "/openapi/v3", 200},
                      PathCase{"UnknownGroup", "GET", "/apis/example.com/v1", 404},
                      PathCase{"UnknownResource", "GET", "/api/v1/things", 404},
                      PathCase{"UnknownPath", "GET", "/", 404},
                      PathCase{"BadEscape", "GET", "/api/v1/pods?labelSelector=%zz", 400},
                      PathCase{"WrongMethod", "PUT", "/api/v1/namespaces/default/pods", 405},
                      PathCase{"NoNamespace", "POST", "/api/v1/pods", 405},
                      PathCase{"NodesHaveNoNamespace", "GET", "/api/v1/namespaces/x/nodes", 404}),
    [](const auto& row) { return row.param.name; });

TEST(Bodies, AreBoundedAndChecked) {
  TestServer server;
  const std::string target = "/api/v1/namespaces/default/pods";
  const net::Headers json = {{"Content-Type", "application/json"}};
  EXPECT_EQ(server.CallText("POST", target, std::string(3 * 1024 * 1024 + 1, ' '), json).status,
            413);
  EXPECT_EQ(server.CallText("POST", target, "{", json).status, 400);
  EXPECT_EQ(server.CallText("POST", target, std::string(200, '['), json).status, 400);
  EXPECT_EQ(server.CallText("POST", target, "[]", json).status, 400);
  EXPECT_EQ(server.CallText("POST", target, "", json).status, 400);
  EXPECT_EQ(server.CallText("POST", target, "x", {{"Content-Type", "application/yaml"}}).status,
            415);
  EXPECT_EQ(server.Call("PATCH", target + "/a", Json::object(), "text/plain").status, 415);
}

}  // namespace table_test
}  // namespace heat_scheduler::cluster
