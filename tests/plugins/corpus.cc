#include "tests/plugins/corpus.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/check.h"
#include "kube/codec.h"
#include "nlohmann/json.hpp"
#include "plugins/defaults/node_affinity.h"
#include "plugins/defaults/node_name.h"
#include "plugins/defaults/node_ports.h"
#include "plugins/defaults/node_resources_fit.h"
#include "plugins/defaults/node_unschedulable.h"
#include "plugins/defaults/scheduling_gates.h"
#include "plugins/defaults/taint_toleration.h"
#include "tests/plugins/asking.h"

namespace heat_scheduler {
namespace {

using nlohmann::json;
using Answers = std::map<std::string, std::string>;  // By node; "<plugin> <code>: <reasons>".

class Replay {
 public:
  CorpusReport Run(const json& test_case) {
    for (const json& node : test_case.at("cluster").at("nodes")) Change("Node", node);
    for (const json& pod : test_case.at("cluster").at("pods")) Change("Pod", pod);
    int number = 0;
    for (const json& step : test_case.at("steps")) {
      ++number;
      for (const json& event : step.value("events", json::array())) Apply(event);
      prefix_ = absl::StrCat("step ", number, ": ");
      if (Comparable(step)) {
        ++report_.steps;
        Compare(step);
      } else {
        ++report_.left_out;
      }
      Bind(step);
    }
    return std::move(report_);
  }

 private:
  // ---- The cluster ----

  void Change(const std::string& kind, const json& document) {
    if (kind == "Node") cluster_.UpsertNode(Decode<kube::Node>(kube::Kind::kNode, document));
    if (kind == "Pod") ChangePod(Decode<kube::Pod>(kube::Kind::kPod, document));
  }

  void ChangePod(const kube::Ref<kube::Pod>& pod) {
    const std::string name = kube::KeyOf(pod->metadata);
    const bool nominated = pod->spec.node_name.empty() && !pod->status.nominated_node_name.empty();
    if (nominated) {
      nominated_.insert(name);
    } else {
      nominated_.erase(name);
    }
    pod_keys_[name] = PodKey(pod->metadata);
    cluster_.UpsertPod(pod);
  }

  void Apply(const json& event) {
    const std::string kind = event.at("kind");
    if (event.at("op") != "delete") return Change(kind, event.at("object"));
    const std::string key = event.at("key");
    if (kind == "Node") cluster_.RemoveNode(key);
    if (kind == "Pod") {
      cluster_.RemovePod(pod_keys_.at(key));
      nominated_.erase(key);
    }
  }

  void Bind(const json& step) {
    json pod = step.at("pod");
    const bool bound = step.at("bind").is_string();
    const bool stays = pod.contains("status") && pod["status"].contains("nominatedNodeName");
    if (bound) {
      pod["spec"]["nodeName"] = step.at("bind");
      pod["status"]["phase"] = "Running";
      pod["status"].erase("nominatedNodeName");
    }
    if (bound || stays) Change("Pod", pod);
  }

  template <typename T>
  kube::Ref<T> Decode(kube::Kind kind, const json& document) {
    absl::StatusOr<kube::Object> object = decoder_->DecodeObject(kind, document.dump());
    HS_CHECK(object.ok(), object.status().ToString());
    return std::get<kube::Ref<T>>(*object);
  }

  // ---- Steps ----

  // Nominated pods take part in filters by way of the framework, and other plugins' PreFilter may
  // end or narrow a decision before these plugins come to it.
  bool Comparable(const json& step) const {
    const json& expect = step.at("expect");
    if (expect.contains("preEnqueue"))
      return expect["preEnqueue"].at("plugin") == "SchedulingGates";
    if (expect.contains("nominated") || !nominated_.empty()) return false;
    if (expect.at("preFilter").is_null()) return true;
    return expect["preFilter"].at("plugin") == "NodeAffinity";
  }

  void Compare(const json& step) {
    const json& expect = step.at("expect");
    const auto pod = Decode<kube::Pod>(kube::Kind::kPod, step.at("pod"));
    PodRecord record;
    record.facts = FactsOf(*pod);
    const Status gates = SchedulingGates().PreEnqueue(record);
    if (expect.contains("preEnqueue")) {
      return CompareOne("preEnqueue", Said(expect["preEnqueue"]), Said("SchedulingGates", gates));
    }
    CompareOne("preEnqueue", "ok", Said("SchedulingGates", gates));

    const NodeAffinity node_affinity;
    Asking asking(cluster_, *pod, node_affinity);
    std::string pre_filter = asking.PreFilter();
    if (pre_filter == "Skip") pre_filter = "ok";
    if (!expect.at("preFilter").is_null()) {
      return CompareOne("preFilter", Said(expect["preFilter"]), "NodeAffinity " + pre_filter);
    }
    CompareOne("preFilter", "ok", pre_filter);
    CompareNodes(expect, *pod, asking.narrowed_to());
    if (expect.contains("scores")) CompareScores(expect, *pod);
  }

  void CompareNodes(const json& expect, const kube::Pod& pod,
                    const std::optional<std::vector<std::string>>& narrowed_to) {
    Answers want;
    for (const json& name : expect.value("feasible", json::array())) want[name] = "ok";
    for (const json& group : expect.value("rejected", json::array())) {
      // A node that passed all of these plugins and then failed on another one is fine with them.
      const bool ours = IsOurs(group.at("plugin"));
      for (const json& name : group.at("nodes")) want[name] = ours ? Said(group) : "ok";
    }
    Answers got = FirstFailures(pod);
    if (expect.contains("preFilterNodes") && narrowed_to) {
      CompareOne("preFilterNodes", expect["preFilterNodes"].dump(), json(*narrowed_to).dump());
    }
    for (const auto& [node, answer] : want) CompareOne(node, answer, got.at(node));
  }

  Answers FirstFailures(const kube::Pod& pod) {
    Answers answers;
    for (NodeId node : cluster_.nodes()) answers[cluster_.columns().name[node]] = "ok";
    for (const auto& plugin : filters_) {
      for (const auto& [node, answer] : Asking(cluster_, pod, *plugin).Filter()) {
        if (answers[node] != "ok" || answer == "ok") continue;
        answers[node] = absl::StrCat(std::string(plugin->name()), " ", SortedReasons(answer));
      }
    }
    return answers;
  }

  void CompareScores(const json& expect, const kube::Pod& pod) {
    const json& want = expect["scores"].at("NodeResourcesFit");
    const json& nodes = expect.at("feasible");
    const NodeResourcesFit plugin;
    const auto got = Asking(cluster_, pod, plugin).Score();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const std::string node = nodes[i];
      CompareOne("score of " + node, want[i].dump(), std::to_string(got.at(node)));
    }
  }

  bool IsOurs(const json& plugin) const {
    return std::any_of(filters_.begin(), filters_.end(),
                       [&](const auto& filter) { return plugin == std::string(filter->name()); });
  }

  // ---- Texts ----

  // The corpus has reasons in the order of their text.
  static std::string SortedReasons(const std::string& answer) {
    const std::vector<std::string> parts = absl::StrSplit(answer, absl::MaxSplits(": ", 1));
    std::vector<std::string> reasons = absl::StrSplit(parts.at(1), ", ");
    std::sort(reasons.begin(), reasons.end());
    return absl::StrCat(parts[0], ": ", absl::StrJoin(reasons, ", "));
  }

  static std::string Said(const json& status) {
    auto reasons = status.at("reasons").get<std::vector<std::string>>();
    return absl::StrCat(status.at("plugin").get<std::string>(), " ",
                        status.at("code").get<std::string>(), ": ", absl::StrJoin(reasons, ", "));
  }

  static std::string Said(const std::string& plugin, const Status& status) {
    return status.ok() ? "ok" : absl::StrCat(plugin, " ", Text(status.code, status.reasons));
  }

  void CompareOne(const std::string& what, const std::string& want, const std::string& got) {
    ++report_.answers;
    if (want == got) return;
    report_.differences.push_back(
        absl::StrCat(prefix_, what, ": want \"", want, "\", got \"", got, "\""));
  }

  std::unique_ptr<kube::Decoder> decoder_ = kube::MakeJsonDecoder();
  ClusterState cluster_;
  std::map<std::string, std::string> pod_keys_;  // "namespace/name" to PodKey.
  std::set<std::string> nominated_;
  std::string prefix_;
  CorpusReport report_;
  // In the order of kube-scheduler's default profile.
  const std::vector<std::unique_ptr<Plugin>> filters_ = MakeFilters();

  static std::vector<std::unique_ptr<Plugin>> MakeFilters() {
    std::vector<std::unique_ptr<Plugin>> filters;
    filters.push_back(std::make_unique<NodeUnschedulable>());
    filters.push_back(std::make_unique<NodeName>());
    filters.push_back(std::make_unique<TaintToleration>());
    filters.push_back(std::make_unique<NodeAffinity>());
    filters.push_back(std::make_unique<NodePorts>());
    filters.push_back(std::make_unique<NodeResourcesFit>());
    return filters;
  }
};

}  // namespace

CorpusReport ReplayCase(std::string_view document) {
  return Replay().Run(json::parse(document.begin(), document.end()));
}

}  // namespace heat_scheduler
