// What real kube-schedulers have sent (calls/README.md), word for word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/file_reader.h"
#include "extender/handler.h"
#include "nlohmann/json.hpp"
#include "tests/extender/recording_sink.h"
#include "tests/support/sim_loop.h"

namespace heat_scheduler {
namespace recorded_calls_test {

using nlohmann::ordered_json;
using ::testing::HasSubstr;

class RecordedCalls : public ::testing::Test {
 protected:
  static ordered_json Load(const std::string& file) {
    return ordered_json::parse(ReadFile(std::string(CALLS_DIR) + "/" + file).value());
  }

  net::HttpResponse Replay(const std::string& path, const ordered_json& body) {
    loop_.RunFor(absl::ZeroDuration());
    return Post(handler_, path, body.dump());
  }

  SimLoop loop_;
  std::unique_ptr<kube::Decoder> decoder_ = kube::MakeJsonDecoder();
  ExtenderHandler handler_{loop_, *decoder_, ExtenderProfiles::Create().value(), {}};
};

TEST_F(RecordedCalls, OfV122WithTheAncestorsPolicyGoToTheCoolestNode) {
  const ordered_json call = Load("v1.22-policy/001-filter.json");
  const net::HttpResponse response = Replay(call.at("path"), call.at("body"));
  ASSERT_EQ(response.status, 200);
  const ordered_json answer = ordered_json::parse(response.body);
  // The recorded reply is the coolest node, in full.
  EXPECT_EQ(answer.at("Nodes").at("items"), call.at("reply").at("Nodes").at("items"));
  std::vector<std::string> failed;
  for (const auto& [name, reason] : answer.at("FailedNodes").items()) failed.push_back(name);
  EXPECT_THAT(failed, ::testing::UnorderedElementsAre("pi-2", "pi-3", "pi-4"));
  EXPECT_EQ(answer.at("Error"), "");
}

TEST_F(RecordedCalls, OfV136WithNodesAreFilteredAndScored) {
  const ordered_json call = Load("v1.36-nodes/001-filter.json");
  const net::HttpResponse filtered = Replay("/heat/filter", call.at("body"));
  ASSERT_EQ(filtered.status, 200);
  EXPECT_EQ(ordered_json::parse(filtered.body).at("Nodes").at("items"),
            call.at("body").at("Nodes").at("items"));
  const net::HttpResponse scored = Replay("/heat/prioritize", call.at("body"));
  ASSERT_EQ(scored.status, 200);
  std::map<std::string, int> scores;
  for (const ordered_json& one : ordered_json::parse(scored.body)) {
    scores[one.at("Host")] = one.at("Score");
  }
  EXPECT_EQ(scores,
            (std::map<std::string, int>{{"pi-1", 10}, {"pi-2", 7}, {"pi-3", 3}, {"pi-4", 0}}));
}

TEST_F(RecordedCalls, OfV136WithNamesAreToldToSendNodes) {
  const ordered_json filter = Load("v1.36-names/001-filter.json");
  const net::HttpResponse filtered = Replay(filter.at("path"), filter.at("body"));
  EXPECT_EQ(filtered.status, 200);
  EXPECT_THAT(filtered.body, HasSubstr("set nodeCacheCapable: false"));
  const ordered_json prioritize = Load("v1.36-names/002-prioritize.json");
  EXPECT_EQ(Replay(prioritize.at("path"), prioritize.at("body")).status, 500);
}

}  // namespace recorded_calls_test
}  // namespace heat_scheduler
