#include "tests/faults/recorded.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "base/status.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {

RecordedHistory::RecordedHistory(std::string scheduler_name)
    : scheduler_name_(std::move(scheduler_name)),
      decoder_(kube::MakeJsonDecoder()),
      checker_({.scheduler_name = scheduler_name_}) {}

absl::Status RecordedHistory::Add(std::string_view line) {
  const nlohmann::json frame = nlohmann::json::parse(line, nullptr, false);
  const bool readable = frame.is_object() && frame.contains("kind") && frame.contains("time") &&
                        frame["time"].is_number_integer();
  if (!readable) return absl::InvalidArgumentError("no object with kind and time");
  const bool is_pod = frame["kind"] == "Pod";
  if (!is_pod && frame["kind"] != "Node") return absl::InvalidArgumentError("no pod and no node");
  const kube::Kind kind = is_pod ? kube::Kind::kPod : kube::Kind::kNode;
  ASSIGN_OR_RETURN(const kube::WatchEvent event, decoder_->DecodeWatchEvent(kind, line));
  RETURN_IF_ERROR(event.object_error);
  const std::int64_t version = ParseInt64(event.resource_version).value_or(0);
  if (version <= newest_) {
    return absl::InvalidArgumentError(absl::StrCat("version ", version, " follows ", newest_));
  }
  newest_ = version;
  time_ = absl::Microseconds(frame["time"].get<std::int64_t>());
  ++writes_;
  WriteEntry write;
  write.resource_version = version;
  write.time = time_;
  write.operation = "update";
  const bool deleted = event.type == kube::WatchEventType::kDeleted;
  if (is_pod) {
    AddPod(std::move(write), std::get<kube::Ref<kube::Pod>>(event.object), deleted);
  } else {
    AddNode(std::move(write), std::get<kube::Ref<kube::Node>>(event.object), deleted);
  }
  return absl::OkStatus();
}

void RecordedHistory::AddPod(WriteEntry write, kube::Ref<kube::Pod> pod, bool deleted) {
  kube::Ref<kube::Pod>& known = pods_[pod->metadata.uid];
  write.pod_before = known;
  if (!deleted) write.pod_after = pod;
  const bool bound =
      !deleted && known != nullptr && known->node_name.empty() && !pod->node_name.empty();
  if (bound && pod->spec->scheduler_name == scheduler_name_) {
    View view = {.pods = write.resource_version - 1, .nodes = write.resource_version - 1};
    const auto gone = gone_.find(pod->node_name);
    if (gone != gone_.end() && write.time - gone->second.time < kMaxLag) {
      view.nodes = gone->second.version - 1;
    }
    write.operation = "bind";
    write.ours = true;
    write.decision = checker_.OnDecision(
        {.time = write.time, .pod_uid = pod->metadata.uid, .node = pod->node_name, .view = view});
  }
  known = write.pod_after;
  if (write.pod_before != nullptr || write.pod_after != nullptr) checker_.OnWrite(write);
}

void RecordedHistory::AddNode(WriteEntry write, kube::Ref<kube::Node> node, bool deleted) {
  const std::string& name = node->metadata.name;
  kube::Ref<kube::Node>& known = nodes_[name];
  write.node_before = known;
  if (deleted) {
    gone_[name] = {write.resource_version, write.time};
  } else {
    write.node_after = node;
    gone_.erase(name);
  }
  known = write.node_after;
  if (write.node_before != nullptr || write.node_after != nullptr) checker_.OnWrite(write);
}

const std::vector<Violation>& RecordedHistory::Finish() {
  const RunHistory& history = checker_.history();
  SettledDump dump = {.time = time_, .instance = 1, .places = {}, .counted = {}};
  for (const kube::Ref<kube::Pod>& pod : history.PendingAt(scheduler_name_, kNewest)) {
    dump.places.emplace_back(pod->metadata.uid, pod->spec->scheduling_gates.empty()
                                                    ? QueuePlace::kUnschedulable
                                                    : QueuePlace::kGated);
  }
  // What the scheduler counts is not known from outside: it is taken to be right.
  for (const kube::Ref<kube::Node>& node : history.NodesAt(kNewest)) {
    std::set<std::string>& counted = dump.counted[node->metadata.name];
    for (const kube::Ref<kube::Pod>& pod : history.PodsOn(node->metadata.name, kNewest)) {
      counted.insert(pod->metadata.uid);
    }
  }
  checker_.OnSettled(dump);
  return checker_.violations();
}

}  // namespace heat_scheduler
