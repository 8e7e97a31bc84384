#include "tests/plugins/corpus.h"

#include <algorithm>
#include <iterator>
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
#include "plugins/defaults/scheduling_gates.h"
#include "policy/plugin_registry.h"
#include "tests/plugins/asking.h"

namespace heat_scheduler {
namespace {

using nlohmann::json;
using Answers = std::map<std::string, std::string>;  // By node; "<plugin> <code>: <reasons>".

// In the order of kube-scheduler's default profile.
constexpr const char* kFilters[] = {"NodeUnschedulable",   "NodeName",  "TaintToleration",
                                    "NodeAffinity",        "NodePorts", "NodeResourcesFit",
                                    "NodeDeclaredFeatures"};
// With the weights of that profile.
constexpr std::pair<const char*, int> kScores[] = {{"TaintToleration", 3},
                                                   {"NodeAffinity", 2},
                                                   {"NodeResourcesFit", 1},
                                                   {"NodeResourcesBalancedAllocation", 1},
                                                   {"ImageLocality", 1}};

class Replay {
 public:
  CorpusReport Run(const json& test_case) {
    for (const json& node : test_case.at("cluster").at("nodes")) Change("Node", node);
    for (const json& pod : test_case.at("cluster").at("pods")) Change("Pod", pod);
    MakePlugins(test_case);
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

    Asking asking(cluster_, *pod, *plugins_.at("NodeAffinity"));
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
    for (const char* name : kFilters) {
      for (const auto& [node, answer] : Asking(cluster_, pod, *plugins_.at(name)).Filter()) {
        if (answers[node] != "ok" || answer == "ok") continue;
        answers[node] = absl::StrCat(name, " ", SortedReasons(answer));
      }
    }
    return answers;
  }

  void CompareScores(const json& expect, const kube::Pod& pod) {
    const auto nodes = expect.at("feasible").get<std::vector<std::string>>();
    for (const auto& [name, weight] : kScores) {
      const auto got = Asking(cluster_, pod, *plugins_.at(name)).Scored(nodes);
      CompareOne(absl::StrCat("skipped: ", name), json(!expect["scores"].contains(name)).dump(),
                 json(!got.has_value()).dump());
      if (!got || !expect["scores"].contains(name)) continue;
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        CompareOne(absl::StrCat(name, " of ", nodes[i]), expect["scores"][name][i].dump(),
                   std::to_string(got->at(nodes[i]) * weight));
      }
    }
  }

  static bool IsOurs(const json& plugin) {
    return std::any_of(std::begin(kFilters), std::end(kFilters),
                       [&](const char* filter) { return plugin == filter; });
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
  std::map<std::string, std::unique_ptr<Plugin>> plugins_;

  // Makes the plugins with the arguments of the case's profile.
  void MakePlugins(const json& test_case) {
    std::map<std::string, json> args;
    const json profile = test_case.value("profile", json());
    if (profile.is_object()) {
      for (const json& config : profile.value("pluginConfig", json::array())) {
        args[config.at("name")] = config.at("args");
      }
    }
    const auto make = [&](const std::string& name) {
      absl::StatusOr<std::unique_ptr<Plugin>> plugin = CreatePlugin(name, args[name]);
      HS_CHECK(plugin.ok(), plugin.status().ToString());
      plugins_[name] = *std::move(plugin);
    };
    for (const char* name : kFilters) make(name);
    for (const auto& [name, weight] : kScores) make(name);
  }
};

}  // namespace

CorpusReport ReplayCase(std::string_view document) {
  return Replay().Run(json::parse(document.begin(), document.end()));
}

}  // namespace heat_scheduler
