// An ApiClient on a simulated network, a server that follows a script, and the JSON they exchange.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kube/client/api_client.h"
#include "kube/codec.h"
#include "tests/support/scripted_handler.h"
#include "tests/support/sim_loop.h"
#include "tests/support/sim_network.h"

namespace heat_scheduler::kube {

// Gives the requests the plans of a list, in order, and then none.
class PlannedFaults final : public FaultPolicy {
 public:
  explicit PlannedFaults(std::vector<FaultPlan> plans) : plans_(std::move(plans)) {}
  FaultPlan OnRequest(const net::HttpRequest&) override {
    return next_ < plans_.size() ? plans_[next_++] : FaultPlan{};
  }

 private:
  std::vector<FaultPlan> plans_;
  std::size_t next_ = 0;
};

class ClientFixture : public testing::Test {
 protected:
  // Returns options whose reports are kept in reports_.
  RequesterOptions Options() {
    return {.user_agent = "test/1", .on_request = [this](const RequestReport& report) {
              reports_.push_back(std::string(report.verb) + " " + std::string(report.resource) +
                                 " " + report.code);
            }};
  }

  // Returns a callback that keeps the result in `result`.
  template <typename T>
  static ApiClient::Callback<T> Into(std::optional<ApiResult<T>>& result) {
    return [&result](ApiResult<T> got) {
      EXPECT_FALSE(result.has_value()) << "a callback ran twice";
      result.emplace(std::move(got));
    };
  }

  // Runs until the result is there and returns it.
  template <typename T>
  ApiResult<T> Wait(std::optional<ApiResult<T>>& result) {
    EXPECT_TRUE(loop_.RunUntil([&] { return result.has_value(); }, absl::Hours(1)));
    return *std::move(result);
  }

  SimLoop loop_;
  ScriptedHandler server_;
  SimTransport transport_{loop_, &server_};
  std::unique_ptr<Decoder> decoder_ = MakeJsonDecoder();
  std::vector<std::string> reports_;
};

// A pod of namespace default.
inline std::string PodJson(const std::string& name, const std::string& uid,
                           const std::string& version) {
  return R"({"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"default","name":")" + name +
         R"(","uid":")" + uid + R"(","resourceVersion":")" + version +
         R"("},"spec":{"containers":[{"name":"c"}]}})";
}

// The same with a request that is no quantity.
inline std::string BadPodJson(const std::string& name, const std::string& uid,
                              const std::string& version) {
  return R"({"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"default","name":")" + name +
         R"(","uid":")" + uid + R"(","resourceVersion":")" + version +
         R"("},"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"lots"}}}]}})";
}

inline std::string ListJson(const std::string& version, const std::vector<std::string>& items,
                            const std::string& continue_token = "") {
  std::string text = R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":")" +
                     version + R"(","continue":")" + continue_token + R"("},"items":[)";
  for (std::size_t i = 0; i < items.size(); ++i) text += (i > 0 ? "," : "") + items[i];
  return text + "]}";
}

inline std::string EventJson(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}";
}

inline std::string BookmarkJson(const std::string& version) {
  return EventJson(
      "BOOKMARK",
      R"({"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":")" + version + R"("}})");
}

inline std::string StatusJson(int code, const std::string& reason, const std::string& message) {
  return R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":")" + message +
         R"(","reason":")" + reason + R"(","code":)" + std::to_string(code) + "}";
}

}  // namespace heat_scheduler::kube
