// Calls of extenders, against scripted ones under virtual time. Row 32 of the fault matrix.
#include "extender/client/caller.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/documents.h"
#include "tests/support/objects.h"
#include "tests/support/scripted_handler.h"
#include "tests/support/sim_loop.h"
#include "tests/support/sim_network.h"

namespace heat_scheduler {
namespace caller_test {

using Question = ExtenderEffect::Question;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

// A server that answers all requests in one way, or never.
struct Server {
  explicit Server(net::EventLoop& loop) : transport(loop, &handler) {}
  ScriptedHandler handler;
  SimTransport transport;

  std::vector<std::string> Bodies() const {
    std::vector<std::string> bodies;
    for (const net::HttpRequest& request : handler.requests()) bodies.push_back(request.body);
    return bodies;
  }
};

Answer Says(int status, std::string body) { return Reply(status, std::move(body)); }

// Holds on to the requests, so that they are never answered.
Answer Never() {
  auto sinks = std::make_shared<std::vector<std::shared_ptr<net::ResponseSink>>>();
  return [sinks](const net::HttpRequest&, std::shared_ptr<net::ResponseSink> sink) {
    sinks->push_back(std::move(sink));
  };
}

class Caller : public testing::Test {
 protected:
  // Adds an extender, called e0, e1, ..., that answers like this.
  void Add(ExtenderConfig extender, Answer answer) {
    extender.url_prefix = "http://e" + std::to_string(extenders_.size()) + "/v1";
    extenders_.push_back(std::move(extender));
    servers_.push_back(std::make_unique<Server>(loop_));
    servers_.back()->handler.Otherwise(std::move(answer));
  }
  ExtenderCaller& Start(std::size_t max_in_flight = 16) {
    std::vector<net::HttpTransport*> transports;
    for (const auto& server : servers_) transports.push_back(&server->transport);
    caller_ = std::make_unique<ExtenderCaller>(
        loop_, extenders_, std::move(transports),
        ExtenderCallerOptions{
            .max_in_flight = max_in_flight,
            .on_call =
                [this](const ExtenderCall& call) {
                  calls_.push_back(call.status.ok() ? "ok" : call.sent ? "failed" : "kept");
                }},
        [this](ExtenderReply reply) { replies_.push_back(std::move(reply)); });
    return *caller_;
  }

  // Asks about nodes a, b and c on behalf of all extenders.
  void Ask(Question question = Question::kFilter) {
    ExtenderEffect effect;
    effect.pod = {"default", "p", "u"};
    effect.ticket = ++ticket_;
    effect.question = question;
    for (std::size_t i = 0; i < extenders_.size(); ++i) effect.extenders.push_back(i);
    effect.object = kube::WithDocument<kube::Pod>(MakePod("p"), R"({"kind":"Pod"})");
    for (const char* name : {"a", "b", "c"}) {
      effect.nodes.push_back(kube::WithDocument<kube::Node>(
          MakeNode(name), std::string(R"({"metadata":{"name":")") + name + "\"}}"));
    }
    caller_->Ask(std::move(effect));
  }
  ExtenderReply Reply(Question question = Question::kFilter) {
    const std::size_t before = replies_.size();
    Ask(question);
    EXPECT_TRUE(loop_.RunUntil([&] { return replies_.size() > before; }, absl::Minutes(1)));
    EXPECT_EQ(caller_->pending(), 0u);
    return replies_.empty() ? ExtenderReply() : replies_.back();
  }

  SimLoop loop_;
  std::vector<ExtenderConfig> extenders_;
  std::vector<std::unique_ptr<Server>> servers_;
  std::vector<ExtenderReply> replies_;
  std::vector<std::string> calls_;
  std::uint64_t ticket_ = 0;
  std::unique_ptr<ExtenderCaller> caller_;
};

const ExtenderConfig kNames = {.filter_verb = "filter", .node_cache_capable = true};
const ExtenderConfig kFull = {.filter_verb = "filter"};

TEST_F(Caller, EachFiltersWhatTheOneBeforeHasLeft) {
  Add(kNames, Says(200, R"({"NodeNames":["c","a"],"FailedNodes":{"b":"hot"}})"));
  Add(kFull, Says(200, R"({"Nodes":{"items":[{"metadata":{"name":"a"}}]},)"
                       R"("FailedNodes":{"c":"no"},"FailedAndUnresolvableNodes":{"c":"never"}})"));
  Start();
  const ExtenderReply reply = Reply();
  EXPECT_EQ(reply.error, "");
  EXPECT_EQ(reply.ticket, 1u);
  EXPECT_THAT(reply.passed, ElementsAre("a"));
  ASSERT_EQ(reply.refused.size(), 2u);
  EXPECT_EQ(reply.refused[0].node + reply.refused[0].reason, "bhot");
  EXPECT_TRUE(reply.refused[0].resolvable);
  EXPECT_EQ(reply.refused[1].node + reply.refused[1].reason, "cnever");
  EXPECT_FALSE(reply.refused[1].resolvable);
  const net::HttpRequest& request = servers_[0]->handler.requests().at(0);
  EXPECT_EQ(request.method + " " + request.target, "POST /v1/filter");
  EXPECT_EQ(net::FindHeader(request.headers, "content-type"), "application/json");
  EXPECT_THAT(servers_[0]->Bodies(),
              ElementsAre(R"({"Pod":{"kind":"Pod"},"Nodes":null,"NodeNames":["a","b","c"]})"));
  EXPECT_THAT(servers_[1]->Bodies(),
              ElementsAre(R"({"Pod":{"kind":"Pod"},"Nodes":{"metadata":{},"items":[)"
                          R"({"metadata":{"name":"a"}},{"metadata":{"name":"c"}}]},)"
                          R"("NodeNames":null})"));
}

TEST_F(Caller, NobodyIsAskedAboutNoNodes) {
  Add(kNames, Says(200, R"({"NodeNames":[]})"));
  Add(kNames, Says(200, R"({"NodeNames":["a"]})"));
  Start();
  EXPECT_THAT(Reply().passed, IsEmpty());
  EXPECT_THAT(servers_[1]->Bodies(), IsEmpty());
}

struct BadAnswer {
  std::string name;
  int status;
  std::string body;
  std::string why;
};

class Row32BadAnswers : public Caller, public testing::WithParamInterface<BadAnswer> {};

TEST_P(Row32BadAnswers, FailTheAttemptUnlessTheExtenderIsIgnorable) {
  Add(kNames, Says(GetParam().status, GetParam().body));
  Start();
  EXPECT_THAT(Reply().error, testing::StartsWith("extender \"http://e0/v1\": " + GetParam().why));
  EXPECT_THAT(Reply().passed, IsEmpty());

  extenders_[0].ignorable = true;
  Start();
  const ExtenderReply reply = Reply();
  EXPECT_EQ(reply.error, "");
  EXPECT_THAT(reply.passed, ElementsAre("a", "b", "c"));
  EXPECT_THAT(reply.refused, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Row32BadAnswers,
    testing::Values(
        BadAnswer{"Error", 200, R"({"Error":"the sun is out"})", "the sun is out"},
        BadAnswer{"Status", 503, "", "it answered with status 503"},
        BadAnswer{"Created", 201, R"({"NodeNames":["a"]})", "it answered with status 201"},
        BadAnswer{"Redirect", 302, "", "it answered with status 302"},
        BadAnswer{"Garbage", 200, "<html>", "it is no JSON that can be read"},
        BadAnswer{"Empty", 200, "", "it is no JSON that can be read"},
        BadAnswer{"NodeNotAskedAbout", 200, R"({"NodeNames":["a","z"]})",
                  "it names node \"z\", which it was not asked about"},
        BadAnswer{"TooLong", 200, "\"" + std::string(kMaxExtenderNamesReplyBytes, 'x') + "\"", ""}),
    [](const auto& row) { return row.param.name; });

TEST_F(Caller, Row32OneThatDoesNotAnswerCostsItsTimeoutAndThenNothing) {
  ExtenderConfig extender = kNames;
  extender.timeout = absl::Seconds(3);
  Add(extender, Never());
  Start();
  for (int i = 0; i < Breaker::kFailures; ++i) {
    const absl::Duration asked = loop_.Now().mono;
    EXPECT_THAT(Reply().error, HasSubstr("http://e0/v1"));
    EXPECT_EQ(loop_.Now().mono - asked, absl::Seconds(3));
  }
  // Nothing is sent, nobody waits, until the pause is over: then one call is tried.
  Ask();
  EXPECT_EQ(replies_.size(), Breaker::kFailures + 1u);
  EXPECT_THAT(replies_.back().error,
              HasSubstr("it is left alone for a while, since 5 calls in a row came to nothing"));
  loop_.RunFor(Breaker::kPause);
  servers_[0]->handler.Otherwise(Says(200, R"({"NodeNames":["b"]})"));
  EXPECT_THAT(Reply().passed, ElementsAre("b"));
  EXPECT_THAT(Reply().passed, ElementsAre("b"));
  EXPECT_THAT(calls_,
              ElementsAre("failed", "failed", "failed", "failed", "failed", "kept", "ok", "ok"));
}

TEST_F(Caller, OneCallAtATimeIsTriedAfterThePause) {
  Add(kNames, Says(500, ""));
  Start();
  for (int i = 0; i < Breaker::kFailures; ++i) Reply();
  loop_.RunFor(Breaker::kPause);
  Ask();
  Ask();
  EXPECT_THAT(calls_.back(), "kept");
  ASSERT_TRUE(loop_.RunUntil([&] { return caller_->pending() == 0; }, absl::Seconds(1)));
  EXPECT_EQ(servers_[0]->Bodies().size(), Breaker::kFailures + 1u);
}

TEST_F(Caller, AsksSoManyQuestionsAtATime) {
  Add(kNames, Never());
  Start(2);
  for (int i = 0; i < 3; ++i) Ask();
  EXPECT_EQ(caller_->pending(), 3u);
  loop_.RunFor(absl::Seconds(1));
  EXPECT_EQ(servers_[0]->Bodies().size(), 2u);
  ASSERT_TRUE(loop_.RunUntil([&] { return replies_.size() == 3; }, absl::Seconds(11)));
  EXPECT_EQ(replies_[0].ticket, 1u);
}

TEST_F(Caller, ScoresAreWeighedScaledAndAddedAndErrorsCostTheirSay) {
  Add({.prioritize_verb = "rank", .weight = 3, .node_cache_capable = true},
      Says(200, R"([{"Host":"a","Score":10},{"Host":"b","Score":1}])"));
  Add({.prioritize_verb = "rank", .weight = 1}, Says(200, R"([{"Host":"b","Score":2}])"));
  Add({.prioritize_verb = "rank", .weight = 1}, Says(500, "no"));
  Add({.prioritize_verb = "rank", .weight = std::int64_t{1} << 60},
      Says(200, R"([{"Host":"b","Score":9}])"));
  Start();
  const ExtenderReply reply = Reply(Question::kPrioritize);
  EXPECT_EQ(reply.error, "");
  EXPECT_THAT(reply.points,
              testing::UnorderedElementsAre(Pair("a", 300), Pair("b", 30), Pair("b", 20)));
}

TEST_F(Caller, BindsAndSaysWhatBecameOfIt) {
  Add({.bind_verb = "bind"}, Says(200, R"({"Error":""})"));
  Start();
  std::vector<absl::Status> outcomes;
  const auto bind = [&] {
    caller_->Bind({{"default", "p", "u"}, "a", 0},
                  [&](const absl::Status& status) { outcomes.push_back(status); });
    const std::size_t so_far = outcomes.size();
    EXPECT_TRUE(loop_.RunUntil([&] { return outcomes.size() > so_far; }, absl::Minutes(1)));
  };
  bind();
  EXPECT_TRUE(outcomes.back().ok()) << outcomes.back();
  EXPECT_THAT(servers_[0]->Bodies(),
              ElementsAre(R"({"PodName":"p","PodNamespace":"default","PodUID":"u","Node":"a"})"));
  servers_[0]->handler.Otherwise(Says(200, R"({"Error":"it is full"})"));
  bind();
  EXPECT_EQ(outcomes.back().message(), "extender \"http://e0/v1\": it is full");
  servers_[0]->handler.Otherwise(Never());
  bind();
  EXPECT_TRUE(absl::IsDeadlineExceeded(outcomes.back())) << outcomes.back();
}

TEST_F(Caller, NobodyIsCalledBackAfterItsEnd) {
  Add(kNames, Says(200, "{}"));
  Start();
  Ask();
  caller_.reset();
  loop_.RunFor(absl::Seconds(10));
  EXPECT_THAT(replies_, IsEmpty());
}

}  // namespace caller_test
}  // namespace heat_scheduler
