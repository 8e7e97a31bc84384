#include "cluster/document.h"

#include <nlohmann/json.hpp>

namespace heat_scheduler::cluster {

Document::Document(Json json, std::int64_t resource_version)
    : json_(std::make_unique<const Json>(std::move(json))), resource_version_(resource_version) {}

Document::~Document() = default;

std::string_view Document::name() const { return TextAt(*json_, {"metadata", "name"}); }

std::string_view Document::namespace_() const { return TextAt(*json_, {"metadata", "namespace"}); }

const std::shared_ptr<const std::string>& Document::text() const {
  if (text_ == nullptr) text_ = std::make_shared<const std::string>(Dump(*json_));
  return text_;
}

}  // namespace heat_scheduler::cluster
