// A configuration that changes under a running scheduler. Row 44 of the fault matrix.
#include "live/config_watch.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "live/config_map.h"
#include "live/file_watch.h"
#include "tests/live/fixture.h"

namespace heat_scheduler {
namespace config_watch_test {

using testing::ElementsAre;
using testing::IsEmpty;

class ConfigWatchTest : public testing::Test {
 protected:
  ConfigWatch& Start() {
    watch_ = std::make_unique<ConfigWatch>(
        loop_, metrics_,
        ConfigWatch::Source{.what = "conf.yaml",
                            .in_force = "first",
                            .read = [this](const ConfigWatch::Done& done) { done(text_); },
                            .check =
                                [](const std::string& text) {
                                  return text == "broken" ? absl::InvalidArgumentError("it is")
                                                          : absl::OkStatus();
                                }},
        [this](const std::string& text) { changed_.push_back(text); });
    return *watch_;
  }
  double Reloads(const std::string& result) { return metrics_.config_reloads.Get({result}); }

  SimLoop loop_;
  Metrics metrics_;
  absl::StatusOr<std::string> text_ = std::string("first");
  std::vector<std::string> changed_;
  std::unique_ptr<ConfigWatch> watch_;
};

TEST_F(ConfigWatchTest, TakesUpWhatHasChangedWithinAMinuteAndOnce) {
  Start();
  loop_.RunFor(absl::Minutes(5));
  EXPECT_THAT(changed_, IsEmpty());
  text_ = std::string("second");
  loop_.RunFor(kFileWatchPeriod);
  EXPECT_THAT(changed_, ElementsAre("second"));
  text_ = std::string("third");
  loop_.RunFor(absl::Minutes(5));
  EXPECT_THAT(changed_, ElementsAre("second"));
  EXPECT_EQ(Reloads("success"), 1);
}

TEST_F(ConfigWatchTest, LooksAtOnceWhenToldTo) {
  ConfigWatch& watch = Start();
  watch.LookNow();
  EXPECT_THAT(changed_, IsEmpty());
  text_ = std::string("second");
  watch.LookNow();
  EXPECT_THAT(changed_, ElementsAre("second"));
}

TEST_F(ConfigWatchTest, Row44WhatIsBrokenLeavesWhatWasBeforeAndIsSaidOnce) {
  ConfigWatch& watch = Start();
  text_ = std::string("broken");
  loop_.RunFor(absl::Minutes(5));
  EXPECT_THAT(changed_, IsEmpty());
  EXPECT_EQ(Reloads("error"), 1);
  watch.LookNow();
  EXPECT_EQ(Reloads("error"), 2) << "who asks is answered";
  text_ = absl::NotFoundError("gone");
  loop_.RunFor(absl::Minutes(5));
  EXPECT_EQ(Reloads("error"), 3);
  text_ = std::string("first");
  loop_.RunFor(kFileWatchPeriod);
  EXPECT_THAT(changed_, IsEmpty());
  text_ = std::string("mended");
  loop_.RunFor(kFileWatchPeriod);
  EXPECT_THAT(changed_, ElementsAre("mended"));
}

class ConfigMapTest : public ScriptedApiTest {
 protected:
  absl::StatusOr<std::string> Read(int status, const std::string& body) {
    server_.Expect("GET", "/api/v1/namespaces/kube-system/configmaps/scheduler-config",
                   Reply(status, body));
    kube::Requester requester(transport_, loop_, *decoder_, {});
    absl::StatusOr<std::string> text = absl::UnknownError("no answer");
    bool answered = false;
    ReadConfigMapKey(requester, {"kube-system", "scheduler-config", "policy.cfg"},
                     [&](absl::StatusOr<std::string> found) {
                       text = std::move(found);
                       answered = true;
                     });
    EXPECT_TRUE(loop_.RunUntil([&] { return answered; }, absl::Minutes(1)));
    return text;
  }
};

TEST_F(ConfigMapTest, HasTheTextOfItsKey) {
  EXPECT_EQ(Read(200, R"({"kind":"ConfigMap","data":{"policy.cfg":"{}","x":"y"}})").value(), "{}");
}

TEST_F(ConfigMapTest, ThatIsMissingOrLacksTheKeyIsNamed) {
  const absl::Status missing = Read(404, StatusBody(404, "NotFound", "not there")).status();
  EXPECT_THAT(std::string(missing.message()), testing::HasSubstr("kube-system/scheduler-config"));
  for (const char* body : {R"({"data":{}})", "{}", R"({"data":{"policy.cfg":1}})"}) {
    EXPECT_EQ(Read(200, body).status().message(),
              "configmap kube-system/scheduler-config: it has no key \"policy.cfg\"");
  }
  EXPECT_EQ(Read(200, "[]").status().message(),
            "configmap kube-system/scheduler-config: the answer is no object");
}

}  // namespace config_watch_test
}  // namespace heat_scheduler
