#include "cluster/kubelet_status.h"

#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "cluster/pod_admission.h"

namespace heat_scheduler::cluster {
namespace {

constexpr char kHostIp[] = "192.0.2.1";  // TEST-NET-1: there is no host.

Json ContainerStatus(const Json& pod, const Json& container, bool runs, Json state) {
  return {{"name", TextAt(container, {"name"})},
          {"image", TextAt(container, {"image"})},
          {"imageID", ""},
          {"containerID", absl::StrCat("fake://", ToAbsl(TextAt(pod, {"metadata", "uid"})), "/",
                                       ToAbsl(TextAt(container, {"name"})))},
          {"ready", runs},
          {"started", runs},
          {"restartCount", 0},
          {"state", std::move(state)},
          {"lastState", Json::object()}};
}

Json Terminated(std::int64_t exit_code, const std::string& started, const std::string& finished) {
  return {{"terminated",
           {{"exitCode", exit_code},
            {"reason", exit_code == 0 ? "Completed" : "Error"},
            {"startedAt", started},
            {"finishedAt", finished}}}};
}

void SetInitStatuses(Json& pod, const std::string& now) {
  Json statuses = Json::array();
  for (const Json& container : ArrayAt(pod, {"spec", "initContainers"})) {
    const bool sidecar = TextAt(container, {"restartPolicy"}) == "Always";
    Json state = sidecar ? Json{{"running", {{"startedAt", now}}}} : Terminated(0, now, now);
    statuses.push_back(ContainerStatus(pod, container, sidecar, std::move(state)));
  }
  if (!statuses.empty()) pod["status"]["initContainerStatuses"] = std::move(statuses);
}

}  // namespace

Json RejectedPod(Json pod, const AdmissionFailure& failure, absl::Time now) {
  Json& status = EnsureObject(pod, "status");
  status["phase"] = "Failed";
  status["reason"] = failure.reason;
  status["message"] = failure.message;
  status["startTime"] = FormatRfc3339(now);
  return pod;
}

Json RunningPod(Json pod, const std::string& pod_ip, absl::Time now) {
  const std::string text = FormatRfc3339(now);
  Json& status = EnsureObject(pod, "status");
  status["phase"] = "Running";
  status["hostIP"] = kHostIp;
  status["hostIPs"] = Json::array({{{"ip", kHostIp}}});
  status["podIP"] = pod_ip;
  status["podIPs"] = Json::array({{{"ip", pod_ip}}});
  status["startTime"] = text;
  Json statuses = Json::array();
  for (const Json& container : ArrayAt(pod, {"spec", "containers"})) {
    statuses.push_back(ContainerStatus(pod, container, true, {{"running", {{"startedAt", text}}}}));
  }
  status["containerStatuses"] = std::move(statuses);
  SetInitStatuses(pod, text);
  for (const char* type :
       {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"}) {
    SetPodCondition(pod, type, "True", "", "", now);
  }
  return pod;
}

Json EndedPod(Json pod, std::int64_t exit_code, absl::Time now) {
  Json& status = EnsureObject(pod, "status");
  status["phase"] = exit_code == 0 ? "Succeeded" : "Failed";
  const std::string started(TextAt(pod, {"status", "startTime"}));
  Json statuses = Json::array();
  for (const Json& container : ArrayAt(pod, {"spec", "containers"})) {
    statuses.push_back(
        ContainerStatus(pod, container, false, Terminated(exit_code, started, FormatRfc3339(now))));
  }
  status["containerStatuses"] = std::move(statuses);
  for (const char* type : {"Ready", "ContainersReady"}) {
    SetPodCondition(pod, type, "False", exit_code == 0 ? "PodCompleted" : "PodFailed", "", now);
  }
  return pod;
}

}  // namespace heat_scheduler::cluster
