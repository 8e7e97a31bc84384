#include "live/explain_page.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "net/url.h"
#include "nlohmann/json.hpp"
#include "policy/scheduler_config.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace explain_page_test {

using nlohmann::json;

class ExplainPageTest : public testing::Test {
 protected:
  ExplainPageTest() {
    for (const char* name : {"pi-1", "pi-2"}) Handle(MakeNode(name).Cpu("1").Ref());
    Handle(MakePod("default/web").Scheduler("heat-scheduler").Cpu("2").Ref());
    scheduler_->ScheduleOne(now_);
    Handle(MakeNode("tower").Cpu("8").Ref());
    scheduler_->Handle(TimePassed{}, Later());
    scheduler_->ScheduleOne(Later());
  }

  net::HttpResponse Get(const std::string& target) { return page_(*net::ParseTarget(target)); }

  json Document(const std::string& target) {
    const net::HttpResponse response = Get(target);
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body);
  }

 private:
  static std::unique_ptr<Scheduler> Make() {
    absl::StatusOr<LoadedConfig> loaded = DefaultSchedulerConfig();
    return *Scheduler::Create(std::move(loaded->profiles), {.history_bytes = 1 << 20});
  }

  void Handle(kube::Object object) { scheduler_->Handle(ObjectChanged{std::move(object)}, now_); }
  Instant Later() const { return {now_.wall + absl::Seconds(5), now_.mono + absl::Seconds(5)}; }

  const Instant now_{absl::FromUnixSeconds(1'800'000'000), absl::Seconds(1)};
  const std::unique_ptr<Scheduler> scheduler_ = Make();
  const Explainer explainer_{*scheduler_, [](const std::string& name) {
                               return MakeProfile(DefaultSchedulerConfig()->config, name);
                             }};
  const Page page_ = ExplainPage(explainer_);
};

TEST_F(ExplainPageTest, ShowsTheLastDecisionOrTheOneAskedFor) {
  const json last = Document("/explain/default/web");
  EXPECT_EQ(last["result"], "Scheduled");
  EXPECT_EQ(last["node"], "tower");
  EXPECT_EQ(last["decision"]["time"], "2027-01-15T08:00:05.000000Z");
  const json first = Document("/explain/default/web?decision=0");
  EXPECT_EQ(first["result"], "Unschedulable");
  EXPECT_EQ(first["waysOut"][0]["text"], "1 less cpu would fit on 2 nodes");
}

TEST_F(ExplainPageTest, RefusesWhatItCannotAnswer) {
  struct Row {
    std::string target;
    int status;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {"/explain/default", 400, "ask for /explain/<namespace>/<pod>"},
           {"/explain/default/web/log", 400, "ask for /explain/<namespace>/<pod>"},
           {"/explain/default/web?decision=-1", 400, "decision: want a number, 0 or more"},
           {"/explain/default/web?decision=last", 400, "decision: want a number, 0 or more"},
           {"/explain/default/web?decision=7", 404,
            "decision 7 on pod \"default/web\" is not known"},
           {"/explain/default/other", 404, "pod \"default/other\" is not known"},
           {"/explain/default/we%0Ab", 404, "pod \"default/we\\nb\" is not known"},
       }) {
    const net::HttpResponse response = Get(row.target);
    EXPECT_EQ(response.status, row.status) << row.target;
    const json status = json::parse(response.body);
    EXPECT_EQ(status["kind"], "Status");
    EXPECT_THAT(status["message"].get<std::string>(), testing::StartsWith(row.message));
  }
}

}  // namespace explain_page_test
}  // namespace heat_scheduler
