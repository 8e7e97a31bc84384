#include "tests/faults/invariants.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace heat_scheduler {
namespace {

const char* PlaceName(QueuePlace place) {
  switch (place) {
    case QueuePlace::kActive:
      return "active";
    case QueuePlace::kBackoff:
      return "backoff";
    case QueuePlace::kUnschedulable:
      return "unschedulable";
    case QueuePlace::kGated:
      return "gated";
    case QueuePlace::kInFlight:
      break;
  }
  return "in flight";
}

}  // namespace

void InvariantChecker::Report(std::string guarantee, absl::Duration time, std::string what) {
  violations_.push_back({std::move(guarantee), time, std::move(what)});
}

std::string InvariantChecker::LostOr(std::string_view uid) const {
  const bool found_at_start = instance_ > 1 && history_.CreatedAt(uid) <= newest_at_start_;
  return found_at_start ? "G5" : "G3";
}

// ---- Binds: G1, G2 ----

void InvariantChecker::OnWrite(const WriteEntry& write) {
  newest_ = write.resource_version;
  history_.Add(write);
  if (write.ours && write.operation == "delete") CheckEviction(write);
  if (write.pod_before == nullptr || write.pod_after == nullptr) return;
  const std::string& before = write.pod_before->node_name;
  const std::string& after = write.pod_after->node_name;
  if (before != after || write.operation == "bind") CheckBind(write);
}

void InvariantChecker::CheckBind(const WriteEntry& write) {
  const kube::Pod& pod = *write.pod_after;
  const std::string& uid = pod.metadata.uid;
  if (!write.pod_before->node_name.empty()) {
    Report("G2", write.time,
           absl::StrCat(NameOf(pod), " was bound to ", pod.node_name, " while it was on ",
                        write.pod_before->node_name));
    return;
  }
  if (!write.ours) return;
  if (write.decision == 0) {
    Report("G2", write.time,
           absl::StrCat(NameOf(pod), " was bound to ", pod.node_name, " without a decision"));
    return;
  }
  const Decision& decision = history_.decision(write.decision);
  if (decision.pod_uid != uid || decision.node != pod.node_name) {
    Report("G2", write.time,
           absl::StrCat(NameOf(pod), " was bound to ", pod.node_name, " by a decision for pod UID ",
                        decision.pod_uid, " on ", decision.node));
    return;
  }
  placements_[uid] = {decision.node, write.decision};
  // Those of ours there that were decided later had to leave room for this one.
  for (const kube::Ref<kube::Pod>& other : history_.PodsOn(decision.node, kNewest)) {
    const auto placement = placements_.find(other->metadata.uid);
    if (placement == placements_.end() || placement->second.decision < write.decision) continue;
    if (history_.decision(placement->second.decision).instance == decision.instance) {
      CheckRoom(*other, placement->second, write);
    }
  }
}

void InvariantChecker::CheckRoom(const kube::Pod& pod, const Placement& placement,
                                 const WriteEntry& write) {
  const Decision& decision = history_.decision(placement.decision);
  const PodRefs in_view = history_.PodsOn(placement.node, decision.view.pods);
  PodRefs known;
  for (kube::Ref<kube::Pod>& other : history_.PodsOn(placement.node, kNewest)) {
    const std::string& uid = other->metadata.uid;
    if (uid == pod.metadata.uid) continue;
    const auto ours = placements_.find(uid);
    const bool decided_before =
        ours != placements_.end() && ours->second.decision < placement.decision &&
        history_.decision(ours->second.decision).instance == decision.instance;
    if (decided_before || Holds(in_view, uid)) known.push_back(std::move(other));
  }
  const kube::Ref<kube::Node> node = history_.NodeAt(placement.node, decision.view.nodes);
  if (node == nullptr) return;  // CheckChoice said so.
  if (const std::string why = WhyOvercommitted(pod, *node, known); !why.empty()) {
    Report("G1", write.time,
           absl::StrCat("once ", NameOf(*write.pod_after), " was bound to ", placement.node,
                        " there was no room for ", NameOf(pod), ": ", why));
  }
}

std::size_t InvariantChecker::OnDecision(Decision decision) {
  const std::size_t number = history_.Add(decision);
  if (decision.node.empty()) {
    CheckRefusal(decision);
    if (!decision.victims.empty()) CheckPreemption(decision);
  } else {
    CheckChoice(decision);
  }
  Waiting& waiting = waiting_[decision.pod_uid];
  waiting.last_attempt = decision.time;
  waiting.last_decision = number;
  return number;
}

void InvariantChecker::CheckChoice(const Decision& decision) {
  const std::string where = absl::StrCat(" was sent to ", decision.node, ", ");
  const kube::Ref<kube::Pod> pod = history_.PodAt(decision.pod_uid, decision.view.pods);
  if (pod == nullptr) {
    Report("G2", decision.time,
           absl::StrCat("pod UID ", decision.pod_uid, where, "but that pod is gone"));
    return;
  }
  std::string wrong;
  if (!pod->node_name.empty()) {
    wrong = absl::StrCat("but it was on ", pod->node_name);
  } else if (pod->spec->scheduler_name != options_.scheduler_name) {
    wrong = absl::StrCat("but it is ", pod->spec->scheduler_name, "'s");
  } else if (!pod->spec->scheduling_gates.empty()) {
    wrong = "but it is gated";
  } else if (pod->terminated()) {
    wrong = "but it has ended";
  }
  const kube::Ref<kube::Node> node = history_.NodeAt(decision.node, decision.view.nodes);
  if (wrong.empty() && node == nullptr) wrong = "but that node is gone";
  if (wrong.empty()) wrong = WhyForbidden(*pod, *node);
  if (!wrong.empty()) {
    Report("G2", decision.time, absl::StrCat(NameOf(*pod), where, wrong));
    return;
  }
  const std::string why =
      WhyOvercommitted(*pod, *node, history_.PodsOn(decision.node, decision.view.pods));
  if (!why.empty()) Report("G1", decision.time, absl::StrCat(NameOf(*pod), where, why));
  CheckKeptRoom(decision, *pod, *node);
}

// ---- Queues: G3, G5 ----

void InvariantChecker::CheckRefusal(const Decision& decision) {
  const kube::Ref<kube::Pod> pod = history_.PodAt(decision.pod_uid, decision.view.pods);
  if (pod == nullptr) return;
  if (const std::string node = FitsSomewhere(*pod, decision.view, decision.nominations);
      !node.empty()) {
    Report("G3", decision.time,
           absl::StrCat(NameOf(*pod), " was turned away although it fits on ", node));
  }
}

void InvariantChecker::OnStart(int instance, absl::Duration time) {
  instance_ = instance;
  started_ = time;
  newest_at_start_ = newest_;
  waiting_.clear();
}

PodRefs InvariantChecker::OthersOn(const std::string& node, const kube::Pod& pod, const View& view,
                                   const Nominations& nominations, bool at_most) const {
  PodRefs others = history_.PodsOn(node, view.pods);
  const auto add = [&](kube::Ref<kube::Pod> other) {
    if (!Holds(others, other->metadata.uid)) others.push_back(std::move(other));
  };
  if (at_most) {
    for (kube::Ref<kube::Pod>& other : history_.PodsOn(node, kNewest)) add(std::move(other));
    for (const auto& [uid, waiting] : waiting_) {
      if (waiting.last_decision == 0) continue;
      if (history_.decision(waiting.last_decision).node != node) continue;
      kube::Ref<kube::Pod> other = history_.PodAt(uid, view.pods);
      if (other != nullptr && other->node_name.empty()) add(std::move(other));
    }
    for (const auto& [uid, nominated_to] : nominations) {
      if (nominated_to != node) continue;
      kube::Ref<kube::Pod> other = history_.PodAt(uid, view.pods);
      if (other != nullptr && other->spec->priority >= pod.spec->priority) add(std::move(other));
    }
  }
  std::erase_if(others, [&](const auto& other) { return other->metadata.uid == pod.metadata.uid; });
  return others;
}

std::string InvariantChecker::FitsSomewhere(const kube::Pod& pod, const View& view,
                                            const Nominations& nominations) const {
  if (HasClaims(pod)) return "";
  for (const kube::Ref<kube::Node>& node : history_.NodesAt(view.nodes)) {
    const std::string& name = node->metadata.name;
    if (!WhyForbidden(pod, *node).empty()) continue;
    if (WhyOvercommitted(pod, *node, OthersOn(name, pod, view, nominations, true)).empty()) {
      return name;
    }
  }
  return "";
}

void InvariantChecker::CheckPlaces(const QueuePlaces& places, std::int64_t pods_version,
                                   absl::Duration time) {
  std::map<std::string, QueuePlace> place_of;
  for (const auto& [uid, place] : places) {
    const auto [at, is_new] = place_of.emplace(uid, place);
    if (!is_new) {
      Report(LostOr(uid), time,
             absl::StrCat("pod UID ", uid, " is in two places: ", PlaceName(at->second), " and ",
                          PlaceName(place)));
    }
  }
  for (const kube::Ref<kube::Pod>& pod :
       history_.PendingAt(options_.scheduler_name, pods_version)) {
    const auto place = place_of.find(pod->metadata.uid);
    if (place == place_of.end()) {
      // It may know from the reply to its bind what the watch has yet to show.
      const kube::Ref<kube::Pod> now = history_.PodAt(pod->metadata.uid, kNewest);
      if (now == nullptr || !now->node_name.empty()) continue;
      Report(LostOr(pod->metadata.uid), time, absl::StrCat(NameOf(*pod), " is in no queue"));
      continue;
    }
    const bool gated = place->second == QueuePlace::kGated;
    const bool has_gates = !pod->spec->scheduling_gates.empty();
    if (gated != has_gates && place->second != QueuePlace::kInFlight) {
      Report(LostOr(pod->metadata.uid), time,
             absl::StrCat(NameOf(*pod), has_gates ? " is gated, but " : " has no gates, but is ",
                          PlaceName(place->second)));
    }
    place_of.erase(place);
  }
  for (const auto& [uid, place] : place_of) {
    if (place != QueuePlace::kInFlight) {
      Report("G3", time,
             absl::StrCat("pod UID ", uid, " is ", PlaceName(place), ", but waits for no node"));
    }
  }
}

void InvariantChecker::OnQueues(const QueueDump& dump) {
  CheckPlaces(dump.places, dump.view.pods, dump.time);
  CheckRetries(dump);
}

void InvariantChecker::CheckRetries(const QueueDump& dump) {
  for (const auto& [uid, place] : dump.places) {
    const kube::Ref<kube::Pod> pod = history_.PodAt(uid, dump.view.pods);
    Waiting& waiting = waiting_[uid];
    if (pod == nullptr || place == QueuePlace::kInFlight || place == QueuePlace::kGated ||
        FitsSomewhere(*pod, dump.view, dump.nominations).empty()) {
      waiting.fits_since = absl::InfiniteDuration();
      continue;
    }
    waiting.fits_since = std::min(waiting.fits_since, dump.time);
    const absl::Duration since = std::max({waiting.fits_since, waiting.last_attempt, started_});
    if (dump.time - since > options_.retry_within) {
      Report(LostOr(uid), dump.time,
             absl::StrCat(NameOf(*pod), " has fitted for ", absl::FormatDuration(dump.time - since),
                          ", is ", PlaceName(place), " and was not tried"));
      waiting.fits_since = dump.time;  // Once is enough.
    }
  }
}

// ---- The end: G7 ----

void InvariantChecker::OnSettled(const SettledDump& dump) {
  CheckPlaces(dump.places, kNewest, dump.time);
  for (const auto& [uid, place] : dump.places) {
    if (place != QueuePlace::kGated && place != QueuePlace::kUnschedulable) {
      Report("G7", dump.time,
             absl::StrCat("pod UID ", uid, " is still ", PlaceName(place), " at the end"));
    }
  }
  for (const kube::Ref<kube::Pod>& pod : history_.PendingAt(options_.scheduler_name, kNewest)) {
    if (!pod->spec->scheduling_gates.empty() || HasClaims(*pod)) continue;
    for (const kube::Ref<kube::Node>& node : history_.NodesAt(kNewest)) {
      const PodRefs others = history_.PodsOn(node->metadata.name, kNewest);
      if (!WhyNot(*pod, *node, others).empty()) continue;
      Report("G7", dump.time,
             absl::StrCat(NameOf(*pod), " was left waiting although it fits on ",
                          node->metadata.name));
      break;
    }
  }
  for (const kube::Ref<kube::Node>& node : history_.NodesAt(kNewest)) {
    const std::string& name = node->metadata.name;
    std::set<std::string> there;
    for (const kube::Ref<kube::Pod>& pod : history_.PodsOn(name, kNewest)) {
      there.insert(pod->metadata.uid);
    }
    const auto counted = dump.counted.find(name);
    if (counted == dump.counted.end()) {
      Report("G7", dump.time, absl::StrCat("the scheduler does not know node ", name));
    } else if (counted->second != there) {
      Report("G7", dump.time,
             absl::StrCat("on node ", name, " the scheduler counts ", counted->second.size(),
                          " pods (", absl::StrJoin(counted->second, " "), "), the API ",
                          there.size(), " (", absl::StrJoin(there, " "), ")"));
    }
  }
  for (const auto& [uid, node] : dump.nominations) {
    Report("G7", dump.time,
           absl::StrCat("room is still kept on ", node, " for pod UID ", uid, " at the end"));
  }
  for (const auto& [name, uids] : dump.counted) {
    if (history_.NodeAt(name, kNewest) == nullptr) {
      Report("G7", dump.time, absl::StrCat("the scheduler knows node ", name, ", which is gone"));
    }
  }
}

}  // namespace heat_scheduler
