#include "live/extender_binder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kube/client/api_client.h"
#include "kube/codec.h"
#include "nlohmann/json.hpp"
#include "tests/support/objects.h"
#include "tests/support/scripted_handler.h"
#include "tests/support/sim_loop.h"
#include "tests/support/sim_network.h"

namespace heat_scheduler {
namespace extender_binder_test {

using nlohmann::json;
using ::testing::HasSubstr;

class ExtenderBinds : public ::testing::Test {
 protected:
  ExtenderBinds() { cluster_.UpsertNode(MakeNode("pi-1").Ref()); }

  void ExpectGet(int status, const std::string& body) {
    server_.Expect("GET", "/api/v1/namespaces/default/pods/web*", Reply(status, body));
  }

  static std::string Pod(const std::string& uid, const std::string& more = "") {
    return R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","namespace":"default","uid":")" +
           uid + "\"" + more + "}}";
  }

  // Returns the answer.
  std::string Bind(const BindingArguments& arguments) {
    std::optional<std::string> answer;
    binder_.Bind(arguments, [&](const std::string& error) { answer = error; });
    loop_.RunFor(absl::Minutes(5));
    return answer.value_or("no answer");
  }

  const BindingArguments web_{"web", "default", "u1", "pi-1"};
  SimLoop loop_;
  ClusterState cluster_;
  bool synced_ = true;
  ScriptedHandler server_;
  SimTransport transport_{loop_, &server_};
  std::unique_ptr<kube::Decoder> decoder_ = kube::MakeJsonDecoder();
  kube::ApiClient api_{transport_, loop_, *decoder_};
  LiveExtenderBinder binder_{api_, {&cluster_, [this] { return synced_; }}};
};

TEST_F(ExtenderBinds, ThePodThatItHasRead) {
  ExpectGet(200, Pod("u1"));
  server_.Expect("POST", "/api/v1/namespaces/default/pods/web/binding*",
                 Reply(201, R"({"kind":"Status","status":"Success"})"));
  EXPECT_EQ(Bind(web_), "");
  const json binding = json::parse(server_.requests().back().body);
  EXPECT_EQ(binding.at("metadata").at("uid"), "u1");
  EXPECT_EQ(binding.at("target").at("name"), "pi-1");
}

// Row 34 of the fault matrix: nothing is written.
TEST_F(ExtenderBinds, Row34NoPodButThatOne) {
  ExpectGet(
      404,
      R"({"kind":"Status","code":404,"reason":"NotFound","message":"pods \"web\" not found"})");
  EXPECT_THAT(Bind(web_), HasSubstr("not found"));
  ExpectGet(200, Pod("u2"));
  EXPECT_EQ(Bind(web_), R"(pod "default/web" has UID "u2", not "u1")");
  ExpectGet(200, Pod("u1", R"(},"spec":{"nodeName":"pi-2")"));
  EXPECT_EQ(Bind(web_), R"(pod "default/web" is on node "pi-2" already)");
  ExpectGet(200, Pod("u1", R"(,"deletionTimestamp":"2026-11-21T10:09:00Z")"));
  EXPECT_EQ(Bind(web_), R"(pod "default/web" is being deleted)");
}

TEST_F(ExtenderBinds, Row34AsksNobodyAboutWhatCannotBe) {
  EXPECT_EQ(Bind({"web", "default", "u1", "gone"}), R"(node "gone" is not known)");
  EXPECT_EQ(Bind({"", "default", "u1", "pi-1"}), "the request has no PodName");
  EXPECT_EQ(Bind({"web", "", "u1", "pi-1"}), "the request has no PodNamespace");
  EXPECT_EQ(Bind({"web", "default", "", "pi-1"}), "the request has no PodUID");
  EXPECT_EQ(Bind({"web", "default", "u1", ""}), "the request has no Node");
  synced_ = false;
  EXPECT_EQ(Bind(web_), "the cluster has not been read yet; try again later");
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(ExtenderBinds, SaysWhatTheServerSays) {
  ExpectGet(200, Pod("u1"));
  server_.Expect(
      "POST", "*",
      Reply(409, R"({"kind":"Status","code":409,"reason":"Conflict","message":"pod web is )"
                 R"(already assigned to node \"pi-2\""})"));
  EXPECT_THAT(Bind(web_), HasSubstr("already assigned to node"));
}

TEST_F(ExtenderBinds, MayEndWhileAPodIsRead) {
  server_.Otherwise(Reply(200, Pod("u1")));
  bool answered = false;
  {
    LiveExtenderBinder binder(api_, {&cluster_, [] { return true; }});
    binder.Bind(web_, [&](const std::string&) { answered = true; });
  }
  loop_.RunFor(absl::Minutes(1));
  EXPECT_FALSE(answered);
}

}  // namespace extender_binder_test
}  // namespace heat_scheduler
