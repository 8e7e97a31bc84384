#include "plugins/defaults/node_resources_fit_args.h"

#include <cstddef>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "kube/selectors.h"
#include "nlohmann/json.hpp"
#include "scheduler/framework/args_reader.h"

namespace heat_scheduler {
namespace {

constexpr std::int32_t kMaxUtilization = 100;
constexpr std::int32_t kMaxShapeScore = 10;
constexpr std::int64_t kMaxWeight = 100;

// Rejects what is no resource's name, or no group's.
void CheckNames(std::string_view key, const std::vector<std::string>& names, bool groups,
                ArgsReader& reader) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool good =
        kube::IsQualifiedName(names[i]) && (!groups || names[i].find('/') == std::string::npos);
    if (good) continue;
    reader.Reject(absl::StrCat(ToAbsl(key), "[", i, "]"),
                  absl::StrCat("want ", groups ? "what stands before the slash of" : "",
                               groups ? " " : "", "a resource's name, got ", Quoted(names[i])));
  }
}

void CheckRange(std::string_view key, std::int32_t value, std::int32_t greatest,
                ArgsReader& reader) {
  if (value >= 0 && value <= greatest) return;
  reader.Reject(key, absl::StrCat("want 0 to ", greatest, ", got ", value));
}

std::vector<ShapePoint> ReadShape(ArgsReader& reader) {
  std::vector<ShapePoint> shape;
  reader.ReadObjects("shape", [&](ArgsReader& nested) {
    ShapePoint point;
    nested.Read("utilization", point.utilization);
    nested.Read("score", point.score);
    CheckRange("utilization", point.utilization, kMaxUtilization, nested);
    CheckRange("score", point.score, kMaxShapeScore, nested);
    if (!shape.empty() && point.utilization <= shape.back().utilization) {
      nested.Reject("utilization", "must be greater than that of the point before");
    }
    shape.push_back(point);
  });
  if (shape.empty()) reader.Reject("shape", "want at least one point");
  return shape;
}

void ReadStrategy(ArgsReader& reader, ScoringStrategy& strategy) {
  // A strategy has to say which it is.
  std::string type;
  reader.Read("type", type);
  if (type == "MostAllocated") {
    strategy.type = ScoringStrategyType::kMostAllocated;
  } else if (type == "RequestedToCapacityRatio") {
    strategy.type = ScoringStrategyType::kRequestedToCapacityRatio;
  } else if (type != "LeastAllocated") {
    reader.Reject("type", "want LeastAllocated or MostAllocated or RequestedToCapacityRatio, got " +
                              Quoted(type));
  }
  strategy.resources = ReadScoredResources(reader, "resources");
  for (std::size_t i = 0; i < strategy.resources.size(); ++i) {
    const std::int64_t weight = strategy.resources[i].weight;
    if (weight > 0 && weight <= kMaxWeight) continue;
    reader.Reject(absl::StrCat("resources[", i, "].weight"),
                  absl::StrCat("want 1 to ", kMaxWeight, ", got ", weight));
  }
  const bool shaped = reader.ReadObject(
      "requestedToCapacityRatio", [&](ArgsReader& nested) { strategy.shape = ReadShape(nested); });
  if (shaped == (strategy.type == ScoringStrategyType::kRequestedToCapacityRatio)) return;
  reader.Reject("requestedToCapacityRatio",
                shaped ? "must be absent unless type is RequestedToCapacityRatio"
                       : "must be there when type is RequestedToCapacityRatio");
}

}  // namespace

absl::StatusOr<NodeResourcesFitArgs> DecodeNodeResourcesFitArgs(const nlohmann::json& json) {
  NodeResourcesFitArgs args;
  ArgsReader reader(json, "NodeResourcesFitArgs");
  reader.Read("ignoredResources", args.ignored_resources);
  CheckNames("ignoredResources", args.ignored_resources, false, reader);
  reader.Read("ignoredResourceGroups", args.ignored_resource_groups);
  CheckNames("ignoredResourceGroups", args.ignored_resource_groups, true, reader);
  reader.ReadObject("scoringStrategy",
                    [&](ArgsReader& nested) { ReadStrategy(nested, args.strategy); });
  RETURN_IF_ERROR(reader.Finish());
  return args;
}

}  // namespace heat_scheduler
