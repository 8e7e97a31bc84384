#include "tests/cluster/test_server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "gtest/gtest.h"

namespace heat_scheduler::cluster {
namespace {

class ReplySink final : public net::ResponseSink {
 public:
  explicit ReplySink(Reply& reply) : reply_(reply) {}
  void Send(net::HttpResponse response) override {
    reply_.status = response.status;
    reply_.text = std::move(response.body);
    reply_.body = Json::parse(reply_.text, nullptr, false);
  }
  void BeginStream(int status, net::Headers) override { reply_.status = status; }
  void Write(std::shared_ptr<const std::string> data) override { reply_.text += *data; }
  void Close() override {}
  std::size_t queued_bytes() const override { return 0; }
  void OnGone(std::function<void()>) override {}

 private:
  Reply& reply_;
};

class WatchSink final : public net::ResponseSink {
 public:
  explicit WatchSink(std::shared_ptr<Watched> watched) : watched_(std::move(watched)) {}
  void Send(net::HttpResponse response) override {
    watched_->status = response.status;
    watched_->events.push_back(Json::parse(response.body, nullptr, false));
    watched_->closed = true;
  }
  void BeginStream(int status, net::Headers) override { watched_->status = status; }
  void Write(std::shared_ptr<const std::string> data) override {
    EXPECT_FALSE(watched_->closed) << "written after Close: " << *data;
    EXPECT_EQ(data->back(), '\n');
    watched_->events.push_back(Json::parse(*data));
  }
  void Close() override { watched_->closed = true; }
  std::size_t queued_bytes() const override { return watched_->queued; }
  void OnGone(std::function<void()> gone) override { watched_->gone = std::move(gone); }

 private:
  std::shared_ptr<Watched> watched_;
};

}  // namespace

std::vector<std::string> Watched::Summary() const {
  std::vector<std::string> lines;
  for (const Json& event : events) {
    std::string line(TextAt(event, {"type"}));
    const std::string_view name = TextAt(event, {"object", "metadata", "name"});
    if (!name.empty()) line += " " + std::string(name);
    if (const auto code = IntegerAt(event, {"object", "code"})) absl::StrAppend(&line, " ", *code);
    lines.push_back(std::move(line));
  }
  return lines;
}

TestServer::TestServer(ApiServerOptions options) : server_(loop_, std::move(options)) {}

Reply TestServer::Call(std::string_view method, std::string_view target, const Json& body,
                       std::string_view content_type) {
  return CallText(method, target, body.is_null() ? "" : Dump(body),
                  {{"Content-Type", std::string(content_type)}, {"User-Agent", "test"}});
}

Reply TestServer::CallText(std::string_view method, std::string_view target, std::string body,
                           net::Headers headers) {
  net::HttpRequest request;
  request.method = method;
  request.target = target;
  request.headers = std::move(headers);
  request.body = std::move(body);
  Reply reply;
  server_.Handle(request, std::make_shared<ReplySink>(reply));
  return reply;
}

std::shared_ptr<Watched> TestServer::Watch(std::string_view target) {
  net::HttpRequest request;
  request.target = target;
  auto watched = std::make_shared<Watched>();
  server_.Handle(request, std::make_shared<WatchSink>(watched));
  return watched;
}

void TestServer::AddNode(std::string_view name) {
  const Reply reply = Call("POST", "/api/v1/nodes", NodeDocument(name));
  EXPECT_EQ(reply.status, 201) << reply.text;
}

Json TestServer::AddPod(std::string_view name) {
  const Reply reply = Call("POST", "/api/v1/namespaces/default/pods", PodDocument(name));
  EXPECT_EQ(reply.status, 201) << reply.text;
  return reply.body;
}

Json PodDocument(std::string_view name) {
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", {{"name", name}}},
          {"spec", {{"containers", {{{"name", "main"}, {"image", "example.com/app:1"}}}}}}};
}

Json NodeDocument(std::string_view name) {
  return {{"apiVersion", "v1"},
          {"kind", "Node"},
          {"metadata", {{"name", name}}},
          {"status", {{"allocatable", {{"cpu", "4"}, {"memory", "8Gi"}, {"pods", "110"}}}}}};
}

Json BindingDocument(std::string_view pod, std::string_view node) {
  return {{"apiVersion", "v1"},
          {"kind", "Binding"},
          {"metadata", {{"name", pod}}},
          {"target", {{"apiVersion", "v1"}, {"kind", "Node"}, {"name", node}}}};
}

}  // namespace heat_scheduler::cluster
