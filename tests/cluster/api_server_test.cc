#include "cluster/api_server.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cluster/test_server.h"

namespace heat_scheduler::cluster {
namespace api_server_test {

using ::testing::ElementsAre;

constexpr char kPods[] = "/api/v1/namespaces/default/pods";

TEST(ApiServer, CreatesListsAndDeletes) {
  TestServer server;
  const Json made = server.AddPod("a");
  EXPECT_EQ(TextAt(made, {"spec", "schedulerName"}), "default-scheduler");
  EXPECT_EQ(TextAt(made, {"status", "phase"}), "Pending");
  const Reply list = server.Call("GET", "/api/v1/pods");
  ASSERT_EQ(list.status, 200);
  EXPECT_EQ(list.body["items"].size(), 1U);
  EXPECT_EQ(list.body["items"][0], made);
  EXPECT_EQ(server.Call("DELETE", std::string(kPods) + "/a").status, 200);
  EXPECT_EQ(server.Call("GET", std::string(kPods) + "/a").status, 404);
}

TEST(ApiServer, WatchesFromAListOn) {
  TestServer server;
  server.AddPod("a");
  const std::string version(
      TextAt(server.Call("GET", "/api/v1/pods").body, {"metadata", "resourceVersion"}));
  const auto watched = server.Watch("/api/v1/pods?watch=1&resourceVersion=" + version);
  server.AddPod("b");
  ASSERT_EQ(server
                .Call("PATCH", std::string(kPods) + "/a/status",
                      {{"status", {{"nominatedNodeName", "n1"}}}}, "application/merge-patch+json")
                .status,
            200);
  server.Call("DELETE", std::string(kPods) + "/b");
  EXPECT_THAT(watched->Summary(), ElementsAre("ADDED b", "MODIFIED a", "DELETED b"));
}

TEST(ApiServer, BindsOnce) {
  TestServer server;
  server.AddNode("n1");
  server.AddPod("a");
  const std::string target = std::string(kPods) + "/a/binding";
  ASSERT_EQ(server.Call("POST", target, BindingDocument("a", "n1")).status, 201);
  const Reply again = server.Call("POST", target, BindingDocument("a", "n2"));
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(TextAt(again.body, {"message"}),
            "Operation cannot be fulfilled on pods/binding \"a\": pod a is already assigned to "
            "node \"n1\"");
}

TEST(Reviews, KnowOneToken) {
  TestServer server({.token = "secret"});
  const auto review = [&server](const std::string& token) {
    return server
        .Call("POST", "/apis/authentication.k8s.io/v1/tokenreviews",
              {{"kind", "TokenReview"}, {"spec", {{"token", token}}}})
        .body["status"];
  };
  EXPECT_EQ(review("secret"),
            (Json{{"authenticated", true},
                  {"user",
                   {{"username", "heat-cluster"},
                    {"groups", {"heat-cluster:users", "system:authenticated"}}}}}));
  EXPECT_EQ(review("Secret"), (Json{{"user", Json::object()}}));
  TestServer without;
  EXPECT_EQ(
      without
          .Call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {{"spec", {{"token", ""}}}})
          .body["status"],
      (Json{{"user", Json::object()}}));
}

TEST(Reviews, LetEveryoneButTheUnknown) {
  TestServer server;
  const auto allowed = [&server](const std::string& user) {
    return server
        .Call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews",
              {{"spec",
                {{"user", user}, {"nonResourceAttributes", {{"path", "/x"}, {"verb", "get"}}}}}})
        .body["status"]["allowed"];
  };
  EXPECT_EQ(allowed("heat-cluster"), true);
  EXPECT_EQ(allowed("system:anonymous"), false);
  EXPECT_EQ(
      server.Call("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Json::object())
          .body["status"]["allowed"],
      true);
  EXPECT_EQ(server.Call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", Json::array())
                .status,
            400);
  EXPECT_EQ(server.Call("POST", "/apis/authorization.k8s.io/v1/others", Json::object()).status,
            404);
  EXPECT_EQ(server.Call("GET", "/apis/authentication.k8s.io/v1").body["resources"].size(), 1u);
  EXPECT_EQ(server.Call("GET", "/apis/authorization.k8s.io/v1").body["resources"].size(), 2u);
}

}  // namespace api_server_test
}  // namespace heat_scheduler::cluster
