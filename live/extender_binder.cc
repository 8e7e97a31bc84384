#include "live/extender_binder.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/quote.h"

namespace heat_scheduler {
namespace {

// Returns what is wrong with the words themselves, or nothing.
std::string ProblemOf(const BindingArguments& arguments) {
  const std::pair<const char*, const std::string&> fields[] = {
      {"PodName", arguments.pod_name},
      {"PodNamespace", arguments.pod_namespace},
      {"PodUID", arguments.pod_uid},
      {"Node", arguments.node}};
  for (const auto& [name, value] : fields) {
    if (value.empty()) return absl::StrCat("the request has no ", name);
  }
  return "";
}

// Returns why the pod must not be bound, or nothing.
std::string ObjectionTo(const kube::Pod& pod, const std::string& uid) {
  if (pod.metadata.uid != uid) {
    return absl::StrCat("has UID ", Quoted(pod.metadata.uid), ", not ", Quoted(uid));
  }
  if (!pod.node_name.empty()) {
    return absl::StrCat("is on node ", Quoted(pod.node_name), " already");
  }
  if (pod.metadata.deletion_timestamp.has_value()) return "is being deleted";
  return "";
}

}  // namespace

LiveExtenderBinder::~LiveExtenderBinder() {
  for (const auto& [number, call] : calls_) api_.Cancel(call.id);
}

void LiveExtenderBinder::Bind(const BindingArguments& arguments, Done done) {
  const std::string problem = ProblemOf(arguments);
  if (!problem.empty()) return done(problem);
  if (!live_.synced()) return done("the cluster has not been read yet; try again later");
  if (live_.cluster->FindNode(arguments.node) == kNoNode) {
    return done(absl::StrCat("node ", Quoted(arguments.node), " is not known"));
  }
  const std::uint64_t number = ++last_number_;
  Call& call = calls_.try_emplace(number, Call{arguments, std::move(done)}).first->second;
  call.id = api_.Get(
      kube::Kind::kPod, arguments.pod_namespace, arguments.pod_name,
      [this, number](const kube::ApiResult<kube::Object>& result) { OnPod(number, result); });
}

void LiveExtenderBinder::OnPod(std::uint64_t number, const kube::ApiResult<kube::Object>& result) {
  if (!result.ok()) return Finish(number, std::string(result.failure().status.message()));
  Call& call = calls_.at(number);
  const BindingArguments& arguments = call.arguments;
  const kube::Pod& pod = *std::get<kube::Ref<kube::Pod>>(*result);
  const std::string objection = ObjectionTo(pod, arguments.pod_uid);
  if (!objection.empty()) {
    const std::string name = absl::StrCat(arguments.pod_namespace, "/", arguments.pod_name);
    return Finish(number, absl::StrCat("pod ", Quoted(name), " ", objection));
  }
  kube::Binding binding;
  binding.metadata.namespace_ = arguments.pod_namespace;
  binding.metadata.name = arguments.pod_name;
  binding.metadata.uid = arguments.pod_uid;
  binding.target_node = arguments.node;
  call.id = api_.BindPod(binding, [this, number](const kube::ApiResult<kube::Accepted>& bound) {
    OnBound(number, bound);
  });
}

void LiveExtenderBinder::OnBound(std::uint64_t number,
                                 const kube::ApiResult<kube::Accepted>& result) {
  if (result.ok()) return Finish(number, "");
  const kube::ApiFailure& failure = result.failure();
  Finish(number, absl::StrCat(failure.maybe_done() ? "the pod may be bound or not: " : "",
                              failure.status.message()));
}

void LiveExtenderBinder::Finish(std::uint64_t number, const std::string& error) {
  const auto call = calls_.extract(number);
  call.mapped().done(error);
}

}  // namespace heat_scheduler
