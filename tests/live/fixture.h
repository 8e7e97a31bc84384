// What tests of the live driver's parts share: virtual time, a scripted API server, and the client
// between them.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "kube/client/api_client.h"
#include "kube/codec.h"
#include "live/metrics.h"
#include "tests/support/scripted_handler.h"
#include "tests/support/sim_loop.h"
#include "tests/support/sim_network.h"

namespace heat_scheduler {

class ScriptedApiTest : public ::testing::Test {
 protected:
  // Returns a metav1.Status of that code.
  static std::string StatusBody(int code, const std::string& reason, const std::string& message) {
    return R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":")" + message +
           R"(","reason":")" + reason + R"(","code":)" + std::to_string(code) + "}";
  }

  SimLoop loop_;
  ScriptedHandler server_;
  SimTransport transport_{loop_, &server_};
  std::unique_ptr<kube::Decoder> decoder_ = kube::MakeJsonDecoder();
  kube::ApiClient api_{transport_, loop_, *decoder_};
  Metrics metrics_;
};

}  // namespace heat_scheduler
