#include "live/config_map.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "net/url.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {
namespace {

absl::StatusOr<std::string> TextIn(const std::string& body, const ConfigMapKey& key) {
  const auto document = nlohmann::json::parse(body, nullptr, false);
  if (!document.is_object()) return absl::InvalidArgumentError("the answer is no object");
  const auto data = document.find("data");
  if (data != document.end() && data->is_object()) {
    const auto found = data->find(key.key);
    if (found != data->end() && found->is_string()) return found->get<std::string>();
  }
  return absl::NotFoundError(absl::StrCat("it has no key ", Quoted(key.key)));
}

}  // namespace

void ReadConfigMapKey(kube::Requester& requester, const ConfigMapKey& key,
                      std::function<void(absl::StatusOr<std::string>)> done) {
  const std::string object = absl::StrCat(key.namespace_, "/", key.name);
  requester.Send(
      {.verb = "get",
       .group = "",
       .resource = "configmaps",
       .object = object,
       .http = {.target = absl::StrCat("/api/v1/namespaces/", net::PercentEncode(key.namespace_),
                                       "/configmaps/", net::PercentEncode(key.name))}},
      {}, [key, object, done = std::move(done)](kube::ApiResult<net::HttpResponse> response) {
        if (!response.ok()) return done(response.failure().status);
        absl::StatusOr<std::string> text = TextIn(response->body, key);
        if (!text.ok()) text = Annotate(text.status(), absl::StrCat("configmap ", object));
        done(std::move(text));
      });
}

}  // namespace heat_scheduler
