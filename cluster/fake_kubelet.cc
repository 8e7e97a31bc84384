#include "cluster/fake_kubelet.h"

#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "base/strings.h"
#include "cluster/kubelet_admission.h"
#include "cluster/kubelet_status.h"

namespace heat_scheduler::cluster {
namespace {

bool HasEnded(const Json& pod) {
  const std::string_view phase = TextAt(pod, {"status", "phase"});
  return phase == "Succeeded" || phase == "Failed";
}

bool IsBeingDeleted(const Json& pod) {
  return Find(pod, {"metadata", "deletionTimestamp"}) != nullptr;
}

std::string_view NodeOf(const Json& pod) { return TextAt(pod, {"spec", "nodeName"}); }

std::string_view Annotation(const Json& pod, std::string_view key) {
  return TextAt(pod, {"metadata", "annotations", key});
}

}  // namespace

FakeKubelet::FakeKubelet(net::EventLoop& loop, Registry& registry, FakeKubeletOptions options)
    : loop_(loop), registry_(registry), options_(options), decoder_(kube::MakeJsonDecoder()) {
  registry_.store().AddObserver(this);
  for (const auto& [key, document] : registry_.store().All(PodResource())) {
    const Json& pod = document->json();
    if (NodeOf(pod).empty()) continue;
    After(absl::ZeroDuration(), pod, &FakeKubelet::Admit);
    if (IsBeingDeleted(pod)) After(options_.stop_delay, pod, &FakeKubelet::Remove);
  }
}

FakeKubelet::~FakeKubelet() { registry_.store().RemoveObserver(this); }

void FakeKubelet::OnWrite(const WriteRef& write) {
  if (write->resource == &NodeResource() && write->verb == WriteVerb::kCreate) {
    StartNode(write->name);
  }
  if (write->resource != &PodResource()) return;
  const Json& pod = write->after->json();
  if (NodeOf(pod).empty()) return;
  if (write->verb == WriteVerb::kDelete || HasEnded(pod)) Release(pod);
  if (write->verb == WriteVerb::kDelete) return;
  const bool is_new = write->before == nullptr || NodeOf(write->before->json()).empty();
  if (is_new) After(absl::ZeroDuration(), pod, &FakeKubelet::Admit);
  const bool was_deleted = write->before != nullptr && IsBeingDeleted(write->before->json());
  if (IsBeingDeleted(pod) && !was_deleted) {
    After(options_.stop_delay, pod, &FakeKubelet::Remove);
  }
}

void FakeKubelet::After(absl::Duration delay, const Json& pod, Action action) {
  After(delay,
        PodName{std::string(TextAt(pod, {"metadata", "namespace"})),
                std::string(TextAt(pod, {"metadata", "name"})),
                std::string(TextAt(pod, {"metadata", "uid"}))},
        action);
}

void FakeKubelet::After(absl::Duration delay, PodName pod, Action action) {
  loop_.RunAfter(delay, [this, action, named = std::move(pod),
                         alive = std::weak_ptr<char>(alive_)] {
    if (alive.expired()) return;
    const DocumentRef current = registry_.store().Get(PodResource(), named.namespace_, named.name);
    if (current == nullptr || TextAt(current->json(), {"metadata", "uid"}) != named.uid) return;
    (this->*action)(named, *current);
  });
}

void FakeKubelet::StartNode(const std::string& node) {
  auto waiting = early_.extract(node);
  if (waiting.empty()) return;
  for (PodName& pod : waiting.mapped()) {
    After(absl::ZeroDuration(), std::move(pod), &FakeKubelet::Admit);
  }
}

void FakeKubelet::Admit(const PodName& pod, const Document& document) {
  const Json& json = document.json();
  const std::string node_name(NodeOf(json));
  const DocumentRef node = registry_.store().Get(NodeResource(), "", node_name);
  if (HasEnded(json) || IsBeingDeleted(json)) return;
  if (node == nullptr) {
    early_[node_name].push_back(pod);
    return;
  }
  std::map<std::string, kube::Ref<kube::Pod>>& beside = admitted_[node_name];
  if (beside.count(pod.uid) > 0) return;
  const auto decoded_node = decoder_->DecodeObject(kube::Kind::kNode, *node->text());
  const auto decoded = decoder_->DecodeObject(kube::Kind::kPod, *document.text());
  std::optional<AdmissionFailure> failure;
  if (!decoded.ok() || !decoded_node.ok()) {
    const absl::Status& why = decoded.ok() ? decoded_node.status() : decoded.status();
    failure = AdmissionFailure{
        "UnexpectedAdmissionError",
        absl::StrCat("Pod was rejected: it or its node cannot be read: ", why.message())};
  } else {
    const kube::Ref<kube::Pod> arrived = std::get<kube::Ref<kube::Pod>>(*decoded);
    std::vector<kube::Ref<kube::Pod>> others;
    others.reserve(beside.size());
    for (const auto& [uid, other] : beside) others.push_back(other);
    // What already runs was admitted before this kubelet came.
    if (TextAt(json, {"status", "phase"}) != "Running") {
      failure = AdmitOnNode(*std::get<kube::Ref<kube::Node>>(*decoded_node), *arrived, others);
    }
    if (!failure.has_value()) beside[pod.uid] = arrived;
  }
  if (failure.has_value()) {
    WriteStatus(pod, RejectedPod(json, *failure, loop_.Now().wall));
  } else if (TextAt(json, {"status", "phase"}) == "Running") {
    ScheduleFinish(json);
  } else {
    After(options_.start_delay, json, &FakeKubelet::Start);
  }
}

void FakeKubelet::Start(const PodName& pod, const Document& document) {
  if (HasEnded(document.json()) || IsBeingDeleted(document.json())) return;
  WriteStatus(pod, RunningPod(document.json(), NewPodIp(), loop_.Now().wall));
  ScheduleFinish(document.json());
}

void FakeKubelet::ScheduleFinish(const Json& pod) {
  const std::optional<double> seconds = ParseDouble(Annotation(pod, kRunSecondsAnnotation));
  if (!seconds.has_value() || *seconds < 0) return;
  After(absl::Seconds(*seconds), pod, &FakeKubelet::Finish);
}

void FakeKubelet::Finish(const PodName& pod, const Document& document) {
  if (HasEnded(document.json()) || IsBeingDeleted(document.json())) return;
  const auto code = ParseInt64(Annotation(document.json(), kExitCodeAnnotation));
  WriteStatus(pod, EndedPod(document.json(), code.value_or(0), loop_.Now().wall));
}

void FakeKubelet::Remove(const PodName& pod, const Document&) {
  DeleteOptions at_once;
  at_once.grace_seconds = 0;
  at_once.uid = pod.uid;
  // A conflict means that the pod is another one: nothing of ours is left to remove.
  registry_.Delete({&PodResource(), pod.namespace_, pod.name}, at_once,
                   {"heat-cluster/kubelet", "delete"});
}

void FakeKubelet::Release(const Json& pod) {
  const auto node = admitted_.find(NodeOf(pod));
  if (node == admitted_.end()) return;
  node->second.erase(std::string(TextAt(pod, {"metadata", "uid"})));
  if (node->second.empty()) admitted_.erase(node);
}

void FakeKubelet::WriteStatus(const PodName& pod, Json document) {
  // It cannot fail: the document was read in this very callback.
  registry_.Update({&PodResource(), pod.namespace_, pod.name}, Part::kStatus, std::move(document),
                   {"heat-cluster/kubelet", "update status"});
}

std::string FakeKubelet::NewPodIp() {
  ++last_ip_;
  return absl::StrCat("10.", 128 + (last_ip_ >> 16) % 128, ".", (last_ip_ >> 8) & 255, ".",
                      last_ip_ & 255);
}

}  // namespace heat_scheduler::cluster
