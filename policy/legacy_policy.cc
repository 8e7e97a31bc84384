#include "policy/legacy_policy.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "kube/yaml.h"
#include "policy/legacy_extender.h"
#include "policy/legacy_names.h"
#include "policy/plugin_registry.h"
#include "policy/plugin_sets.h"
#include "policy/scheduler_config.h"
#include "scheduler/framework/args_reader.h"

namespace heat_scheduler {
namespace {

using nlohmann::json;

constexpr std::string_view kKind = "Policy";
constexpr std::string_view kNoLabelPreference =
    "is left out: plugin NodeLabel was removed in 1.23: give NodeAffinity a preferred "
    "addedAffinity";
constexpr std::string_view kNoServiceAntiAffinity =
    "is left out: plugin ServiceAffinity was removed in 1.23: use pod anti-affinity";

// What the policy makes of the profile, point by point.
class ProfileMaker {
 public:
  void UseToFilter(std::string_view plugin) {
    for (const ExtensionPoint point : {ExtensionPoint::kPreFilter, ExtensionPoint::kFilter,
                                       ExtensionPoint::kReserve, ExtensionPoint::kPreBind}) {
      Enable(plugin, point);
    }
  }
  void UseToScore(std::string_view plugin, std::int32_t weight) {
    Enable(plugin, ExtensionPoint::kPreScore);
    Enable(plugin, ExtensionPoint::kScore, weight);
  }
  // Enables the plugin there, if it has the point and is not there already.
  void Enable(std::string_view plugin, ExtensionPoint point, std::int32_t weight = 0) {
    auto& enabled = points_[IndexOf(point)];
    const bool there = std::any_of(enabled.begin(), enabled.end(),
                                   [&](const auto& other) { return other.name == plugin; });
    if (there || !Has(plugin, point)) return;
    enabled.push_back({std::string(plugin), weight});
  }
  json& Args(std::string_view plugin) { return args_[std::string(plugin)]; }

  json Write(std::string_view scheduler_name) const {
    json plugins;
    plugins["multiPoint"]["disabled"].push_back(json::object({{"name", kAllPlugins}}));
    for (const ExtensionPoint point : kExtensionPoints) {
      for (const EnabledPlugin& plugin : points_[IndexOf(point)]) {
        json item = {{"name", plugin.name}};
        if (plugin.weight != 0) item["weight"] = plugin.weight;
        plugins[std::string(KeyOf(point))]["enabled"].push_back(std::move(item));
      }
    }
    json profile = {{"schedulerName", scheduler_name}, {"plugins", std::move(plugins)}};
    for (const auto& [name, args] : args_) {
      profile["pluginConfig"].push_back(json::object({{"name", name}, {"args", args}}));
    }
    return profile;
  }

 private:
  bool Has(std::string_view name, ExtensionPoint point) {
    auto& plugin = plugins_[std::string(name)];
    if (plugin == nullptr) {
      auto created = CreatePlugin(name, nullptr);
      if (!created.ok()) return false;
      plugin = *std::move(created);
    }
    return Implements(*plugin, point);
  }

  std::array<std::vector<EnabledPlugin>, kExtensionPoints.size()> points_;
  std::map<std::string, json> args_;
  std::map<std::string, std::unique_ptr<Plugin>> plugins_;
};

class Converter {
 public:
  explicit Converter(std::vector<std::string>& warnings) : warnings_(warnings) {}

  json Convert(ArgsReader& reader, std::string_view scheduler_name) {
    maker_.Enable("PrioritySort", ExtensionPoint::kQueueSort);
    // Gates are the API's: what is gated can't be bound.
    maker_.Enable("SchedulingGates", ExtensionPoint::kPreEnqueue);
    maker_.Enable("DefaultPreemption", ExtensionPoint::kPreEnqueue);
    maker_.Enable("DefaultPreemption", ExtensionPoint::kPostFilter);
    maker_.Enable("DefaultBinder", ExtensionPoint::kBind);
    AddPredicates(reader);
    AddPriorities(reader);
    AddRest(reader);
    json config = {{"apiVersion", kConfigApiVersion},
                   {"kind", kConfigKind},
                   {"profiles", json::array({maker_.Write(scheduler_name)})}};
    if (json extenders = ConvertExtenders(reader); !extenders.is_null()) {
      config["extenders"] = std::move(extenders);
    }
    return config;
  }

 private:
  void Warn(const ArgsReader& at, std::string_view name, std::string_view what) {
    warnings_.push_back(absl::StrCat(at.path(), ": ", Quoted(name), " ", ToAbsl(what)));
  }

  // Returns what the name stands for now, and warns if that is due; empty: nothing.
  std::string StandsFor(const LegacyAlias* alias, const ArgsReader& reader,
                        const std::string& name) {
    if (alias == nullptr) return name;
    if (!alias->warning.empty()) Warn(reader, name, alias->warning);
    return std::string(alias->stands_for);
  }

  void AddPredicates(ArgsReader& reader) {
    std::set<std::string, std::less<>> wanted;
    const bool listed = reader.ReadObjects("predicates", [&](ArgsReader& one) {
      std::string name;
      one.Read("name", name);
      const std::string now = StandsFor(FindPredicateAlias(name), one, name);
      if (now.empty() && !name.empty()) {
        one.Take("argument");
      } else if (FindLegacyPredicate(now) != nullptr) {
        one.Take("argument");
        wanted.insert(now);
      } else {
        ReadCustomPredicate(one, name);
      }
    });
    for (const LegacyPredicate& predicate : LegacyPredicates()) {
      const bool used = predicate.is_mandatory ||
                        (listed ? wanted.contains(predicate.name) : predicate.is_default);
      if (!used) continue;
      for (const std::string_view plugin : predicate.plugins) maker_.UseToFilter(plugin);
    }
    if (!label_requirements_.empty()) AddLabelRequirements();
  }

  void ReadCustomPredicate(ArgsReader& one, const std::string& name) {
    int arguments = 0;
    one.ReadObject("argument", [&](ArgsReader& argument) {
      arguments += argument.ReadObject("labelsPresence", [&](ArgsReader& presence) {
        std::vector<std::string> labels;
        bool present = false;
        presence.Read("labels", labels);
        presence.Read("presence", present);
        for (const std::string& label : labels) {
          label_requirements_.push_back(
              {{"key", label}, {"operator", present ? "Exists" : "DoesNotExist"}});
        }
      });
      if (argument.Take("serviceAffinity") != nullptr) {
        ++arguments;
        argument.Reject("serviceAffinity",
                        "plugin ServiceAffinity was removed in 1.23, and without it pods would go "
                        "elsewhere: use pod affinity, and take this predicate out");
      }
    });
    if (arguments == 1) return;
    one.Reject("name", arguments == 0 ? absl::StrCat("there is no predicate ", Quoted(name),
                                                     ", and one of one's own needs an argument: "
                                                     "labelsPresence or serviceAffinity")
                                      : absl::StrCat(Quoted(name), " has ", arguments,
                                                     " arguments, want exactly one"));
  }

  // NodeLabel's work is done by an affinity that all pods have.
  void AddLabelRequirements() {
    maker_.UseToFilter("NodeAffinity");
    json term = {{"matchExpressions", label_requirements_}};
    maker_.Args("NodeAffinity")["addedAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
                               ["nodeSelectorTerms"] = json::array({std::move(term)});
  }

  void AddPriorities(ArgsReader& reader) {
    std::map<std::string, std::int32_t, std::less<>> weights;
    const bool listed = reader.ReadObjects("priorities", [&](ArgsReader& one) {
      std::string name;
      std::int32_t weight = 0;
      one.Read("name", name);
      one.Read("weight", weight);
      if (weight <= 0 || weight > std::numeric_limits<std::int32_t>::max() / 100) {
        one.Reject("weight",
                   absl::StrCat("want 1 to ", std::numeric_limits<std::int32_t>::max() / 100,
                                ", got ", weight));
      }
      std::string now = StandsFor(FindPriorityAlias(name), one, name);
      if (now.empty() && !name.empty()) {
        one.Take("argument");
        return;
      }
      if (FindLegacyPriority(now) == nullptr || now == "RequestedToCapacityRatio") {
        now = ReadCustomPriority(one, name, weight);
      } else {
        one.Take("argument");
      }
      if (!now.empty()) weights[now] = weight;
    });
    if (!listed) {
      for (const LegacyPriority& priority : LegacyPriorities()) {
        if (priority.default_weight > 0) {
          weights[std::string(priority.name)] = priority.default_weight;
        }
      }
    }
    AddScores(weights, reader);
  }

  // Returns the name of the priority that it comes to; empty: of none.
  std::string ReadCustomPriority(ArgsReader& one, const std::string& name, std::int32_t weight) {
    int arguments = 0;
    std::string now;
    one.ReadObject("argument", [&](ArgsReader& argument) {
      if (argument.Take("labelPreference") != nullptr) {
        ++arguments;
        CheckSameWeight("labelPreference", weight, one);
        Warn(one, name, kNoLabelPreference);
      }
      if (argument.Take("serviceAntiAffinity") != nullptr) {
        ++arguments;
        CheckSameWeight("serviceAntiAffinity", weight, one);
        Warn(one, name, kNoServiceAntiAffinity);
      }
      if (const json* ratio = argument.Take("requestedToCapacityRatioArguments")) {
        ++arguments;
        now = "RequestedToCapacityRatio";
        if (ratio_.has_value()) {
          argument.Reject("requestedToCapacityRatioArguments", "there is one already");
        }
        ratio_ = *ratio;
      }
    });
    if (arguments == 1) return now;
    one.Reject("name", arguments == 0 ? absl::StrCat("there is no priority ", Quoted(name),
                                                     ", and one of one's own needs an argument: "
                                                     "labelPreference, serviceAntiAffinity or "
                                                     "requestedToCapacityRatioArguments")
                                      : absl::StrCat(Quoted(name), " has ", arguments,
                                                     " arguments, want exactly one"));
    return "";
  }

  void CheckSameWeight(const std::string& kind, std::int32_t weight, ArgsReader& one) {
    const auto [known, is_new] = custom_weights_.emplace(kind, weight);
    if (!is_new && known->second != weight) {
      one.Reject("weight", absl::StrCat("all with a ", kind, " must have one weight: want ",
                                        known->second, ", got ", weight));
    }
  }

  void AddScores(const std::map<std::string, std::int32_t, std::less<>>& weights,
                 ArgsReader& reader) {
    std::string strategy;
    for (const auto& [name, weight] : weights) {
      const LegacyPriority& priority = *FindLegacyPriority(name);
      maker_.UseToScore(priority.plugin, weight);
      if (priority.fit_strategy.empty()) continue;
      if (!strategy.empty()) {
        reader.Reject(
            "priorities",
            absl::StrCat("NodeResourcesFit, which scores for them now, has one strategy: ",
                         strategy, " or ", ToAbsl(priority.fit_strategy), ", not both"));
      }
      strategy = priority.fit_strategy;
    }
    if (!strategy.empty()) AddStrategy(strategy);
    if (weights.contains("EvenPodsSpreadPriority") && !weights.contains("SelectorSpreadPriority")) {
      maker_.Args("PodTopologySpread")["defaultingType"] = "List";
    }
  }

  void AddStrategy(const std::string& type) {
    json strategy = {{"type", type}};
    if (ratio_.has_value() && ratio_->is_object()) {
      if (ratio_->contains("shape")) {
        strategy["requestedToCapacityRatio"]["shape"] = (*ratio_)["shape"];
      }
      if (ratio_->contains("resources")) strategy["resources"] = (*ratio_)["resources"];
    }
    maker_.Args("NodeResourcesFit")["scoringStrategy"] = std::move(strategy);
  }

  void AddRest(ArgsReader& reader) {
    std::int32_t hard_weight = 0;
    reader.Read("hardPodAffinitySymmetricWeight", hard_weight);
    if (hard_weight < 0 || hard_weight > 100) {
      reader.Reject("hardPodAffinitySymmetricWeight",
                    absl::StrCat("want 1 to 100, got ", hard_weight));
    } else if (hard_weight > 0) {
      maker_.Args("InterPodAffinity")["hardPodAffinityWeight"] = hard_weight;
    }
    bool check_all = false;
    reader.Read("alwaysCheckAllPredicates", check_all);
    if (check_all) {
      warnings_.push_back(
          "alwaysCheckAllPredicates: is left out: a node is told by the first plugin that refuses "
          "it");
    }
  }

  std::vector<std::string>& warnings_;
  ProfileMaker maker_;
  std::vector<json> label_requirements_;
  std::optional<json> ratio_;
  std::map<std::string, std::int32_t> custom_weights_;
};

// Returns the policy with keys as we spell them; those that nobody knows are left out, and so is
// what it says of itself.
json Spelled(const json& document, std::vector<std::string>& warnings) {
  json policy = WithKnownKeys(document,
                              {"apiVersion", "kind", "predicates", "priorities", "extenders",
                               "hardPodAffinitySymmetricWeight", "alwaysCheckAllPredicates"},
                              "", warnings);
  policy.erase("apiVersion");
  policy.erase("kind");
  const auto spell = [&](const char* list, const std::vector<std::string>& known) {
    const auto found = policy.find(list);
    if (found == policy.end() || !found->is_array()) return;
    for (std::size_t i = 0; i < found->size(); ++i) {
      (*found)[i] = WithKnownKeys((*found)[i], known, absl::StrCat(list, "[", i, "]"), warnings);
    }
  };
  spell("predicates", {"name", "argument"});
  spell("priorities", {"name", "weight", "argument"});
  spell("extenders", LegacyExtenderKeys());
  return policy;
}

// Returns why the document is no Policy v1; empty: it is.
std::string NoPolicy(const json& document) {
  const auto text = [&](const char* key) {
    const auto found = document.find(key);
    return found != document.end() && found->is_string() ? found->get<std::string>()
                                                         : std::string();
  };
  if (text("kind") != kKind) {
    return absl::StrCat("kind: want Policy, got ", Quoted(text("kind")));
  }
  if (text("apiVersion") != "v1") {
    return absl::StrCat("apiVersion: want v1, got ", Quoted(text("apiVersion")));
  }
  return "";
}

}  // namespace

absl::StatusOr<ConvertedPolicy> ConvertPolicy(std::string_view text, std::string_view source,
                                              std::string_view scheduler_name) {
  ASSIGN_OR_RETURN(const std::vector<json> documents, kube::ParseYaml(text, source));
  if (documents.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        ToAbsl(source), ": want one document of kind Policy, there are ", documents.size()));
  }
  if (const std::string problem = NoPolicy(documents.front()); !problem.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(ToAbsl(source), ": ", problem));
  }
  ConvertedPolicy converted;
  const json policy = Spelled(documents.front(), converted.warnings);
  ArgsReader reader(policy, kKind);
  converted.config = Converter(converted.warnings).Convert(reader, scheduler_name);
  if (absl::Status mistakes = MovePaths(reader.Finish(), kKind, ""); !mistakes.ok()) {
    return AtSource(mistakes, source);
  }
  for (std::string& warning : converted.warnings) {
    warning =
        absl::StrCat(ToAbsl(source), ": ",
                     warning.starts_with("Policy.") ? warning.substr(kKind.size() + 1) : warning);
  }
  return converted;
}

}  // namespace heat_scheduler
