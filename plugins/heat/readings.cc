#include "plugins/heat/readings.h"

#include "base/time_text.h"
#include "plugins/heat/temperature.h"
#include "spdlog/spdlog.h"

namespace heat_scheduler {
namespace {

void Log(const kube::Node& node, const Reading& reading) {
  if (!spdlog::should_log(spdlog::level::debug)) return;
  spdlog::debug("Heat: node {}: {}, taken at {}", node.metadata.name,
                reading.celsius ? FormatCelsius(*reading.celsius) : "no valid reading",
                reading.taken_at ? FormatRfc3339(*reading.taken_at) : "a time not said");
}

}  // namespace

bool Freshness::IsFresh(const Reading& reading, absl::Time now) const {
  if (!limit_) return true;
  if (!reading.taken_at) return false;
  return now >= *reading.taken_at - *limit_ && now < *reading.taken_at + *limit_;
}

std::optional<absl::Time> Freshness::ChangesAt(const Reading& reading, absl::Time now) const {
  if (!limit_ || !reading.taken_at) return std::nullopt;
  if (now < *reading.taken_at - *limit_) return *reading.taken_at - *limit_;
  if (now < *reading.taken_at + *limit_) return *reading.taken_at + *limit_;
  return std::nullopt;
}

const Reading& Readings::Of(const ClusterState& cluster, NodeId node) const {
  const kube::Ref<kube::Node>& object = cluster.columns().node[node];
  if (node >= kept_.size()) kept_.resize(cluster.columns().node.size());
  Kept& kept = kept_[node];
  if (kept.node != object) {
    kept = {object, Parse(*object)};
    Log(*object, kept.reading);
  }
  return kept.reading;
}

Reading Readings::Parse(const kube::Node& node) const {
  Reading reading;
  const kube::StringMap& annotations = node.metadata.annotations;
  if (const auto found = annotations.find(annotation_); found != annotations.end()) {
    reading.celsius = ParseCelsius(found->second);
  }
  if (const auto found = annotations.find(time_annotation_); found != annotations.end()) {
    reading.taken_at = ParseRfc3339(found->second);
  }
  return reading;
}

}  // namespace heat_scheduler
