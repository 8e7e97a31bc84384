// The operations of a workload: what comes, and what happens among the measured pods.

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bench/workload_run.h"

namespace heat_scheduler {
namespace {

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

std::string NamespaceOr(const std::string& stated, std::size_t op) {
  return stated.empty() ? absl::StrCat("namespace-", op) : stated;
}

kube::Ref<kube::Pod> BoundTo(const kube::Pod& pod, const std::string& node) {
  auto bound = std::make_shared<kube::Pod>(pod);
  bound->node_name = node;
  return bound;
}

}  // namespace

absl::Status WorkloadRun::Do(const Operation& operation, std::size_t op) {
  return std::visit(Overloaded{
                        [&](const CreateNodes& create) { return DoCreateNodes(create, op); },
                        [&](const CreateNamespaces& create) { return DoCreateNamespaces(create); },
                        [&](const CreatePods& create) {
                          return DoCreatePods(create, op, NamespaceOr(create.namespace_, op));
                        },
                        [&](const CreatePodSets& create) { return DoCreatePodSets(create, op); },
                        [&](const CreateAny& create) { return DoCreateAny(create, op); },
                        [&](const Barrier&) { return absl::OkStatus(); },
                        [&](const Churn& churn) { return AddChurn(churn, op); },
                        [&](const DeletePods& deletion) { return AddDeletePods(deletion); },
                        [&](const ChangeNodes& change) { return AddChangeNodes(change); },
                    },
                    operation);
}

absl::Status WorkloadRun::EnsureNamespace(const std::string& name) {
  if (!namespaces_.insert(name).second) return absl::OkStatus();
  ASSIGN_OR_RETURN(kube::Object object, maker_.Namespace("", name));
  Show(std::move(object));
  return absl::OkStatus();
}

absl::Status WorkloadRun::DoCreateNodes(const CreateNodes& create, std::size_t op) {
  const std::int64_t count = workload_.ValueOf(create.count);
  for (std::int64_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(std::vector<kube::Object> objects, maker_.Node(create, {op, i, count}));
    for (kube::Object& object : objects) Show(std::move(object));
  }
  return absl::OkStatus();
}

absl::Status WorkloadRun::DoCreateNamespaces(const CreateNamespaces& create) {
  for (std::int64_t i = 0; i < workload_.ValueOf(create.count); ++i) {
    const std::string name = absl::StrCat(create.prefix, "-", i);
    ASSIGN_OR_RETURN(kube::Object object, maker_.Namespace(create.namespace_template, name));
    namespaces_.insert(name);
    Show(std::move(object));
  }
  return absl::OkStatus();
}

absl::Status WorkloadRun::DoCreatePods(const CreatePods& create, std::size_t op,
                                       const std::string& namespace_) {
  RETURN_IF_ERROR(EnsureNamespace(namespace_));
  const std::int64_t count = workload_.ValueOf(create.count);
  std::vector<MachineInput> arrivals;
  for (std::int64_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(std::vector<kube::Object> objects,
                     maker_.Pod(create, {op, i, count}, namespace_));
    const auto& pod = std::get<kube::Ref<kube::Pod>>(objects.back());
    if (create.measured) {
      measured_uids_.insert(pod->metadata.uid);
    } else {
      pods_of_[namespace_].push_back(pod->metadata.uid);
      const std::string node = placed_before_ ? placed_before_(*pod) : "";
      if (!node.empty()) objects.back() = BoundTo(*pod, node);
    }
    for (kube::Object& object : objects) arrivals.push_back(ObjectChanged{std::move(object)});
  }
  TakeTimed(arrivals, create.measured ? result_.arrivals : unmeasured_);
  arrivals = {};
  return DecideAll();
}

absl::Status WorkloadRun::DoCreatePodSets(const CreatePodSets& create, std::size_t op) {
  for (std::int64_t i = 0; i < workload_.ValueOf(create.count); ++i) {
    RETURN_IF_ERROR(DoCreatePods(create.pods, op, absl::StrCat(create.namespace_prefix, "-", i)));
  }
  return absl::OkStatus();
}

absl::Status WorkloadRun::DoCreateAny(const CreateAny& create, std::size_t op) {
  if (!create.namespace_.empty()) RETURN_IF_ERROR(EnsureNamespace(create.namespace_));
  const std::int64_t count = workload_.ValueOf(create.count);
  for (std::int64_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(kube::Object object,
                     maker_.Any(create.object_template, {op, i, count}, create.namespace_));
    Show(std::move(object));
  }
  return absl::OkStatus();
}

absl::Status WorkloadRun::AddChurn(const Churn& churn, std::size_t op) {
  const std::string namespace_ = NamespaceOr(churn.namespace_, op);
  RETURN_IF_ERROR(EnsureNamespace(namespace_));
  // The objects that are there, in places that are filled and emptied in turn.
  std::vector<std::vector<kube::Object>> there(churn.recreate ? churn.number : 0);
  interludes_.push_back(
      {workload_.ValueOf(churn.interval),
       [this, &churn, op, namespace_, there, times = std::int64_t{0}]() mutable -> absl::Status {
         const std::int64_t time = times++;
         if (!churn.recreate && churn.number > 0 && time >= churn.number) return absl::OkStatus();
         std::vector<MachineInput> inputs;
         std::vector<kube::Object>* place =
             churn.recreate ? &there[static_cast<std::size_t>(time % churn.number)] : nullptr;
         if (place != nullptr && !place->empty()) {
           for (const kube::Object& object : *place) inputs.push_back(ObjectGone{AsItIs(object)});
           place->clear();
         } else {
           for (const std::string& path : churn.templates) {
             ASSIGN_OR_RETURN(kube::Object object, maker_.Any(path, {op, time}, namespace_));
             if (place != nullptr) place->push_back(object);
             inputs.push_back(ObjectChanged{std::move(object)});
           }
         }
         TakeTimed(inputs, result_.churn);
         return absl::OkStatus();
       }});
  return absl::OkStatus();
}

absl::Status WorkloadRun::AddDeletePods(const DeletePods& deletion) {
  interludes_.push_back({workload_.ValueOf(deletion.interval), [this, &deletion]() {
                           std::deque<std::string>& uids = pods_of_[deletion.namespace_];
                           if (uids.empty()) return absl::OkStatus();
                           if (std::shared_ptr<kube::Pod> pod = CopyOfPod(uids.front())) {
                             TakeTimed({ObjectGone{kube::Ref<kube::Pod>(std::move(pod))}},
                                       result_.churn);
                           }
                           uids.pop_front();
                           return absl::OkStatus();
                         }});
  return absl::OkStatus();
}

absl::Status WorkloadRun::AddChangeNodes(const ChangeNodes& change) {
  const auto op = static_cast<std::size_t>(change.of_op);
  const auto& create = std::get<CreateNodes>(workload_.operations[op]);
  const std::int64_t count = workload_.ValueOf(create.count);
  // The version that each node is in.
  std::vector<std::int64_t> versions(static_cast<std::size_t>(count), 0);
  interludes_.push_back({workload_.ValueOf(change.interval),
                         [this, &create, op, count, stride = change.stride, versions,
                          time = std::int64_t{0}]() mutable -> absl::Status {
                           const std::int64_t index = time++ * stride % count;
                           const std::int64_t version = ++versions[static_cast<std::size_t>(index)];
                           ASSIGN_OR_RETURN(std::vector<kube::Object> objects,
                                            maker_.Node(create, {op, index, count, version}));
                           TakeTimed({ObjectChanged{std::move(objects.front())}}, result_.churn);
                           return absl::OkStatus();
                         }});
  return absl::OkStatus();
}

}  // namespace heat_scheduler
