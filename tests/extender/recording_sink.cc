#include "tests/extender/recording_sink.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace heat_scheduler {

void RecordingSink::BeginStream(int /*status*/, net::Headers /*headers*/) {
  ADD_FAILURE() << "an extender streams nothing";
}

void RecordingSink::Write(std::shared_ptr<const std::string> /*data*/) {
  ADD_FAILURE() << "an extender streams nothing";
}

std::shared_ptr<RecordingSink::Record> Send(net::HttpHandler& handler,
                                            const net::HttpRequest& request) {
  auto record = std::make_shared<RecordingSink::Record>();
  handler.Handle(request, std::make_shared<RecordingSink>(record));
  return record;
}

net::HttpResponse Post(net::HttpHandler& handler, const std::string& path,
                       const std::string& body) {
  const auto record = Send(handler, {.method = "POST", .target = path, .body = body});
  if (record->response.has_value()) return *record->response;
  ADD_FAILURE() << "POST " << path << " was not answered at once";
  return {.status = 0};
}

std::string NodeDocument(const std::string& name, const std::optional<std::string>& temperature) {
  return absl::StrCat(
      R"({"metadata":{"name":")", name, R"(","annotations":{)",
      temperature.has_value() ? absl::StrCat(R"("nerdalize/temp":")", *temperature, "\"") : "",
      R"(}},"status":{"allocatable":{"cpu":"4","pods":"110"}}})");
}

std::string NodesBody(const std::vector<std::string>& documents) {
  return absl::StrCat(
      R"({"Pod":{"metadata":{"name":"web","namespace":"default","uid":"u1"},"spec":{}},"Nodes":)"
      R"({"metadata":{},"items":[)",
      absl::StrJoin(documents, ","), R"(]},"NodeNames":null})");
}

}  // namespace heat_scheduler
