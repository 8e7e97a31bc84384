#include "cluster/pod_admission.h"

#include <algorithm>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "cluster/pod_defaults.h"
#include "kube/quantity.h"

namespace heat_scheduler::cluster {
namespace {

constexpr std::string_view kNoChange =
    "pod updates may not change fields other than "
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

kube::Quantity QuantityOf(const Json& value) {
  const auto quantity =
      kube::Quantity::Parse(value.is_string() ? value.get<std::string>() : Dump(value));
  return quantity.ok() ? *quantity : kube::Quantity();
}

// The class a pod without one gets: the global default with the lowest value.
DocumentRef GlobalDefaultClass(const Store& store) {
  DocumentRef found;
  for (const auto& [key, document] : store.All(PriorityClassResource())) {
    if (!TrueAt(document->json(), {"globalDefault"})) continue;
    if (found == nullptr || IntegerAt(document->json(), {"value"}).value_or(0) <
                                IntegerAt(found->json(), {"value"}).value_or(0)) {
      found = document;
    }
  }
  return found;
}

// The Priority admission plugin.
Refusal AdmitPriority(const Store& store, Json& pod) {
  Json& spec = pod["spec"];
  const std::string class_name(TextAt(spec, {"priorityClassName"}));
  DocumentRef priority_class;
  if (!class_name.empty()) {
    priority_class = store.Get(PriorityClassResource(), "", class_name);
    if (priority_class == nullptr) {
      return Forbidden(PodResource(), TextAt(pod, {"metadata", "name"}),
                       absl::StrCat("no PriorityClass with name ", class_name, " was found"));
    }
  } else {
    priority_class = GlobalDefaultClass(store);
    if (priority_class != nullptr) spec["priorityClassName"] = priority_class->name();
  }
  std::int64_t priority = 0;
  std::string policy = "PreemptLowerPriority";
  if (priority_class != nullptr) {
    priority = IntegerAt(priority_class->json(), {"value"}).value_or(0);
    const std::string_view own = TextAt(priority_class->json(), {"preemptionPolicy"});
    if (!own.empty()) policy = own;
  }
  const std::optional<std::int64_t> asked = IntegerAt(spec, {"priority"});
  if (asked.has_value() && *asked != priority) {
    return Forbidden(PodResource(), TextAt(pod, {"metadata", "name"}),
                     absl::StrCat("the integer value of priority (", *asked,
                                  ") must not be provided in pod spec; priority admission "
                                  "controller computed ",
                                  priority, " from the given PriorityClass name"));
  }
  spec["priority"] = priority;
  SetDefault(spec, "preemptionPolicy", policy);
  return std::nullopt;
}

void CheckContainer(const Json& container, const std::string& at, std::set<std::string>& names,
                    std::vector<ErrorCause>& causes) {
  const std::string name(TextAt(container, {"name"}));
  if (name.empty()) {
    causes.push_back(Required(at + ".name", ""));
  } else if (!names.insert(name).second) {
    causes.push_back(
        {"FieldValueDuplicate", absl::StrCat("Duplicate value: \"", name, "\""), at + ".name"});
  }
  if (TextAt(container, {"image"}).empty()) causes.push_back(Required(at + ".image", ""));
  const Json& limits = ObjectAt(container, {"resources", "limits"});
  for (const auto& [resource, value] : ObjectAt(container, {"resources", "requests"}).items()) {
    const std::string field = absl::StrCat(at, ".resources.requests[", resource, "]");
    const kube::Quantity request = QuantityOf(value);
    if (request.Sign() < 0) {
      causes.push_back(
          InvalidValue(field, request.ToString(), "must be greater than or equal to 0"));
    }
    const auto limit = limits.find(resource);
    if (limit != limits.end() && QuantityOf(*limit) < request) {
      causes.push_back(InvalidValue(absl::StrCat(at, ".resources.requests"), request.ToString(),
                                    absl::StrCat("must be less than or equal to ", resource,
                                                 " limit of ", QuantityOf(*limit).ToString())));
    }
  }
}

void CheckSpec(const Json& pod, std::vector<ErrorCause>& causes) {
  if (ArrayAt(pod, {"spec", "containers"}).empty()) {
    causes.push_back(Required("spec.containers", ""));
  }
  std::set<std::string> names;
  for (const char* list : {"initContainers", "containers"}) {
    for (const auto& [index, container] : ArrayAt(pod, {"spec", list}).items()) {
      CheckContainer(container, absl::StrCat("spec.", list, "[", index, "]"), names, causes);
    }
  }
  if (!ArrayAt(pod, {"spec", "schedulingGates"}).empty() &&
      !TextAt(pod, {"spec", "nodeName"}).empty()) {
    causes.push_back(ForbiddenField("spec.nodeName",
                                    "cannot be set until all schedulingGates have been cleared"));
  }
}

// BestEffort without requests and limits, Guaranteed if every container limits cpu and memory and
// asks for just that, else Burstable.
std::string QosClass(const Json& pod) {
  bool any = false;
  bool guaranteed = true;
  for (const char* list : {"initContainers", "containers"}) {
    for (const Json& container : ArrayAt(pod, {"spec", list})) {
      const Json& requests = ObjectAt(container, {"resources", "requests"});
      const Json& limits = ObjectAt(container, {"resources", "limits"});
      for (const char* resource : {"cpu", "memory"}) {
        const auto limit = limits.find(resource);
        const auto request = requests.find(resource);
        const bool asked = request != requests.end() && !QuantityOf(*request).is_zero();
        const bool limited = limit != limits.end() && !QuantityOf(*limit).is_zero();
        any = any || asked || limited;
        guaranteed = guaranteed && asked && limited && QuantityOf(*limit) == QuantityOf(*request);
      }
    }
  }
  if (!any) return "BestEffort";
  return guaranteed ? "Guaranteed" : "Burstable";
}

// The elements as text; how long a toleration holds may change.
std::set<std::string> Texts(const Json& list) {
  std::set<std::string> texts;
  for (Json entry : list) {
    if (entry.is_object()) entry.erase("tolerationSeconds");
    texts.insert(Dump(entry));
  }
  return texts;
}

// True if every element of `small` is in `large`.
bool Contains(const Json& large, const Json& small) {
  const std::set<std::string> a = Texts(large);
  const std::set<std::string> b = Texts(small);
  return std::includes(a.begin(), a.end(), b.begin(), b.end());
}

void CopyMember(const Json& from, Json& to, const char* key) {
  if (const auto found = from.find(key); found != from.end()) {
    to[key] = *found;
  } else {
    to.erase(key);
  }
}

// Makes the members of `changed` that an update may change equal to those of `old`.
void ForgiveAllowedChanges(const Json& old, Json& changed) {
  for (const char* key : {"activeDeadlineSeconds", "tolerations", "schedulingGates"}) {
    CopyMember(old, changed, key);
  }
  if (IntegerAt(old, {"terminationGracePeriodSeconds"}).value_or(0) < 0 &&
      IntegerAt(changed, {"terminationGracePeriodSeconds"}) == 1) {
    CopyMember(old, changed, "terminationGracePeriodSeconds");
  }
  if (!ArrayAt(old, {"schedulingGates"}).empty()) {
    if (std::includes(
            ObjectAt(changed, {"nodeSelector"}).begin(), ObjectAt(changed, {"nodeSelector"}).end(),
            ObjectAt(old, {"nodeSelector"}).begin(), ObjectAt(old, {"nodeSelector"}).end())) {
      CopyMember(old, changed, "nodeSelector");
    }
    CopyMember(old, changed, "affinity");
  }
  for (const char* list : {"initContainers", "containers"}) {
    const Json& before = ArrayAt(old, {list});
    if (before.size() != ArrayAt(changed, {list}).size() || before.empty()) continue;
    for (std::size_t i = 0; i < before.size(); ++i)
      CopyMember(before[i], changed[list][i], "image");
  }
}

}  // namespace

void SetPodCondition(Json& pod, std::string_view type, std::string_view status,
                     std::string_view reason, std::string_view message, absl::Time now) {
  Json condition = {{"type", type}, {"status", status}, {"lastProbeTime", nullptr}};
  if (!reason.empty()) condition["reason"] = reason;
  if (!message.empty()) condition["message"] = message;
  condition["lastTransitionTime"] = FormatRfc3339(now);
  Json& conditions = EnsureArray(EnsureObject(pod, "status"), "conditions");
  for (Json& old : conditions) {
    if (TextAt(old, {"type"}) != type) continue;
    if (TextAt(old, {"status"}) == status && Find(old, {"lastTransitionTime"}) != nullptr) {
      condition["lastTransitionTime"] = old["lastTransitionTime"];
    }
    old = std::move(condition);
    return;
  }
  conditions.push_back(std::move(condition));
}

Refusal AdmitPodCreate(const Store& store, Json& pod, std::vector<ErrorCause>& causes) {
  EnsureObject(pod, "spec");
  if (Refusal refusal = AdmitPriority(store, pod)) return refusal;
  SetPodDefaults(pod);
  AddDefaultTolerations(pod);
  CheckSpec(pod, causes);
  pod["status"] = {{"phase", "Pending"}, {"qosClass", QosClass(pod)}};
  if (!ArrayAt(pod, {"spec", "schedulingGates"}).empty()) {
    SetPodCondition(pod, "PodScheduled", "False", "SchedulingGated",
                    "Scheduling is blocked due to non-empty scheduling gates", store.Now().wall);
  }
  return std::nullopt;
}

void AdmitPodUpdate(const Json& current, Json& pod, std::vector<ErrorCause>& causes) {
  Json& spec = EnsureObject(pod, "spec");
  const Json& old = ObjectAt(current, {"spec"});
  for (const char* key : {"priority", "preemptionPolicy", "priorityClassName"}) {
    if (Find(spec, {key}) == nullptr) CopyMember(old, spec, key);
  }
  SetPodDefaults(pod);
  AddDefaultTolerations(pod);
  CheckSpec(pod, causes);
  if (!Contains(ArrayAt(old, {"schedulingGates"}), ArrayAt(spec, {"schedulingGates"}))) {
    causes.push_back(ForbiddenField("spec.schedulingGates", "only deletion is allowed"));
  }
  if (!Contains(ArrayAt(spec, {"tolerations"}), ArrayAt(old, {"tolerations"}))) {
    causes.push_back(
        ForbiddenField("spec.tolerations",
                       "existing toleration can not be modified except its tolerationSeconds"));
  }
  Json compared = spec;
  ForgiveAllowedChanges(old, compared);
  if (compared != old) causes.push_back(ForbiddenField("spec", kNoChange));
}

void AdmitPodStatus(const Store& store, const Json& current, Json& pod) {
  Json& status = EnsureObject(pod, "status");
  SetDefault(status, "phase", std::string(TextAt(current, {"status", "phase"})));
  SetDefault(status, "qosClass", QosClass(pod));
  const auto conditions = status.find("conditions");
  if (conditions == status.end() || !conditions->is_array()) return;
  for (Json& condition : *conditions) {
    if (condition.is_object()) {
      SetDefault(condition, "lastTransitionTime", FormatRfc3339(store.Now().wall));
    }
  }
}

}  // namespace heat_scheduler::cluster
