#include "tests/faults/wire.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "tests/faults/faulty_api.h"

namespace heat_scheduler {
namespace {

// Returns the first metadata.resourceVersion in a document, or 0.
std::int64_t VersionIn(std::string_view text) {
  constexpr std::string_view kKey = "\"resourceVersion\":\"";
  const std::size_t at = text.find(kKey);
  if (at == text.npos) return 0;
  const std::string_view rest = text.substr(at + kKey.size());
  std::int64_t version = 0;
  return absl::SimpleAtoi(ToAbsl(rest.substr(0, rest.find('"'))), &version) ? version : 0;
}

// Returns what of the view a collection's target is about, or null.
std::int64_t* PartOf(View& view, const std::string& target) {
  const std::string path = target.substr(0, target.find('?'));
  if (path == "/api/v1/pods") return &view.pods;
  if (path == "/api/v1/nodes") return &view.nodes;
  if (path == "/apis/policy/v1/poddisruptionbudgets") return &view.budgets;
  return nullptr;
}

// Returns the version of a list that is complete with this page; 0 if pages follow.
std::int64_t VersionOfCompleteList(const std::string& body) {
  const nlohmann::json page = nlohmann::json::parse(body, nullptr, false);
  if (!page.is_object() || !page.contains("metadata")) return 0;
  const nlohmann::json& metadata = page["metadata"];
  std::int64_t version = 0;
  const bool last = metadata.value("continue", "").empty();
  return last && absl::SimpleAtoi(metadata.value("resourceVersion", ""), &version) ? version : 0;
}

void Mark(std::size_t decision, net::HttpRequest& request) {
  const std::string mark = absl::StrCat(kDecisionMark, decision);
  for (net::Header& header : request.headers) {
    if (absl::EqualsIgnoreCase(header.name, "User-Agent")) {
      header.value = mark;
      return;
    }
  }
  request.headers.push_back({"User-Agent", mark});
}

}  // namespace

Wire::Wire(net::HttpTransport& network, Decisions decisions)
    : network_(network), decisions_(std::move(decisions)) {}

void Wire::CrashAfter(std::size_t requests, std::function<void()> crashed) {
  state_->requests_left = requests;
  state_->on_crash = std::move(crashed);
}

void Wire::Crash() {
  state_->crashed = true;
  for (const net::RequestId id : std::exchange(state_->streams, {})) network_.Cancel(id);
}

bool Wire::CountRequest() {
  if (state_->crashed) return false;
  if (state_->requests_left > 0) {
    --state_->requests_left;
    return true;
  }
  state_->crashed = true;
  state_->on_crash();
  return false;
}

net::RequestId Wire::Send(net::HttpRequest request, net::RequestOptions options, Done done) {
  if (!CountRequest()) return 0;
  if (IsBinding(request.target)) Mark(DecisionOfBind(request), request);
  if (request.method == "DELETE") Mark(DecisionOfDeletion(request), request);
  const std::string target = request.target;
  return network_.Send(
      std::move(request), options,
      [state = state_, target, done = std::move(done)](absl::StatusOr<net::HttpResponse> response) {
        if (state->crashed) return;
        std::int64_t* part = PartOf(state->view, target);
        if (part != nullptr && response.ok() && response->status == 200) {
          *part = std::max(*part, VersionOfCompleteList(response->body));
        }
        done(std::move(response));
      });
}

net::RequestId Wire::Stream(net::HttpRequest request, net::StreamOptions options,
                            net::StreamHandlers handlers) {
  if (!CountRequest()) return 0;
  const std::string target = request.target;
  auto shared = std::make_shared<net::StreamHandlers>(std::move(handlers));
  auto buffer = std::make_shared<std::string>();
  const net::RequestId id = network_.Stream(
      std::move(request), options,
      {.on_head =
           [state = state_, shared](int status, const net::Headers& headers) {
             if (!state->crashed) shared->on_head(status, headers);
           },
       .on_data =
           [state = state_, shared, buffer, target](std::string_view data) {
             if (state->crashed) return;
             buffer->append(data);
             const std::size_t end = buffer->rfind('\n');
             std::int64_t* part = PartOf(state->view, target);
             if (part != nullptr && end != buffer->npos) {
               for (std::size_t at = 0; at <= end;) {
                 const std::size_t newline = buffer->find('\n', at);
                 *part =
                     std::max(*part, VersionIn(std::string_view(*buffer).substr(at, newline - at)));
                 at = newline + 1;
               }
               buffer->erase(0, end + 1);
             }
             shared->on_data(data);
           },
       .on_end =
           [state = state_, shared](absl::Status status) {
             if (!state->crashed) shared->on_end(std::move(status));
           }});
  state_->streams.insert(id);
  return id;
}

void Wire::Cancel(net::RequestId id) {
  if (!state_->crashed) network_.Cancel(id);
}

std::size_t Wire::DecisionOfBind(const net::HttpRequest& request) const {
  const nlohmann::json body = nlohmann::json::parse(request.body, nullptr, false);
  std::string uid, key;
  if (body.is_object() && body.contains("metadata")) {
    const nlohmann::json& metadata = body["metadata"];
    uid = metadata.value("uid", "");
    key = absl::StrCat(metadata.value("namespace", ""), "/", metadata.value("name", ""));
  }
  return decisions_.of_bind(uid, key);
}

std::size_t Wire::DecisionOfDeletion(const net::HttpRequest& request) const {
  const nlohmann::json body = nlohmann::json::parse(request.body, nullptr, false);
  if (!body.is_object() || !body.contains("preconditions")) return 0;
  return decisions_.of_deletion(body["preconditions"].value("uid", ""));
}

}  // namespace heat_scheduler
