#include "live/explain_page.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/numbers.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {
namespace {

net::HttpResponse Answer(const Explainer& explainer, const net::Target& target) {
  if (target.segments.size() != 3) {
    return FailureAnswer(400, "BadRequest", "ask for /explain/<namespace>/<pod>");
  }
  std::optional<std::uint64_t> number;
  if (const auto asked = target.query.find("decision"); asked != target.query.end()) {
    const std::optional<std::int64_t> parsed = ParseInt64(asked->second);
    if (!parsed.has_value() || *parsed < 0) {
      return FailureAnswer(400, "BadRequest", "decision: want a number, 0 or more");
    }
    number = static_cast<std::uint64_t>(*parsed);
  }
  const auto document = explainer.Explain(target.segments[1], target.segments[2], number);
  if (document.ok()) {
    return JsonAnswer(
        200,
        document->dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  }
  const std::string message(document.status().message());
  if (absl::IsNotFound(document.status()) || absl::IsFailedPrecondition(document.status())) {
    return FailureAnswer(404, "NotFound", message);
  }
  return FailureAnswer(500, "InternalError", message);
}

}  // namespace

Page ExplainPage(const Explainer& explainer) {
  return [&explainer](const net::Target& target) { return Answer(explainer, target); };
}

}  // namespace heat_scheduler
