#include <algorithm>
#include <utility>

#include "kube/json_fields.h"

namespace heat_scheduler::kube {
namespace {

using Value = JsonReader::Value;

bool DecodePodCondition(JsonReader& in, Value value, PodCondition& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "type") return in.String(field, out.type);
    if (key == "status") return in.String(field, out.status);
    if (key == "reason") return in.String(field, out.reason);
    if (key == "message") return in.String(field, out.message);
    return true;
  });
}

bool DecodeAppliedRequests(JsonReader& in, Value value, ResourceList& out) {
  out.clear();
  return in.Fields(value, [&](std::string_view key, Value field) {
    return key != "requests" || in.Amounts(field, out);
  });
}

// What a container or a pod holds on its node: the more of what is applied (`resources.requests`)
// and what is allotted (`allocatedResources`). Nothing, unless `resources` is stated, which is when
// kube-scheduler looks at either.
class Held {
 public:
  // Reads the field if it is one of the two, and sets `known`.
  bool Read(JsonReader& in, std::string_view key, Value field, bool& known) {
    known = key == "resources" || key == "allocatedResources";
    if (key == "resources") {
      stated_ = !field.is_null();
      return DecodeAppliedRequests(in, field, applied_);
    }
    return key != "allocatedResources" || in.Amounts(field, allotted_);
  }

  std::optional<ResourceList> Take() && {
    if (!stated_) return std::nullopt;
    Raise(allotted_, applied_);
    return std::move(applied_);
  }

 private:
  bool stated_ = false;
  ResourceList applied_;
  ResourceList allotted_;
};

bool DecodeContainerStatuses(JsonReader& in, Value value, PodStatus& out) {
  return in.Items(value, [&](Value item) {
    std::string_view name;
    Held held;
    const bool ok = in.Fields(item, [&](std::string_view key, Value field) {
      bool known = false;
      if (!held.Read(in, key, field, known)) return false;
      return known || key != "name" || in.Text(field, name);
    });
    if (!ok) return false;
    std::optional<ResourceList> amounts = std::move(held).Take();
    if (amounts) out.allocated_requests.insert_or_assign(name, *std::move(amounts));
    return true;
  });
}

}  // namespace

bool Decode(JsonReader& in, Value value, PodStatus& out) {
  out = {};
  Held held;
  const bool ok = in.Fields(value, [&](std::string_view key, Value field) {
    bool known = false;
    if (!held.Read(in, key, field, known)) return false;
    if (known) return true;
    if (key == "phase") return in.String(field, out.phase);
    if (key == "nominatedNodeName") return in.String(field, out.nominated_node_name);
    if (key == "startTime") return in.Time(field, out.start_time);
    if (key == "conditions") return in.List(field, *out.conditions, DecodePodCondition);
    if (key == "containerStatuses" || key == "initContainerStatuses") {
      return DecodeContainerStatuses(in, field, out);
    }
    return true;
  });
  if (!ok) return false;
  out.allocated_pod_requests = std::move(held).Take();
  const std::vector<PodCondition>& conditions = *std::as_const(out.conditions);
  const auto resize = std::find_if(conditions.begin(), conditions.end(), [](const PodCondition& c) {
    return c.type == "PodResizePending";
  });
  out.resize_infeasible = resize != conditions.end() && resize->reason == "Infeasible";
  return true;
}

}  // namespace heat_scheduler::kube
