// Megabytes per second of the watch decoder, on events as kube-apiserver sends them.

#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "kube/codec.h"

namespace heat_scheduler::kube {
namespace {

// An event about a running pod of a Deployment, with the parts that a real one carries: managed
// fields, probes, volumes, conditions, container statuses. Scheduling reads about a fifth of it.
constexpr char kPodEvent[] =
    R"({"type":"MODIFIED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web-6d4cf56db6-x2x7n",)"
    R"("generateName":"web-6d4cf56db6-","namespace":"default","uid":"4b6f8e0e-7f0e-4d6e-9d0a-2f6f0a1b2c3d",)"
    R"("resourceVersion":"123456","creationTimestamp":"2026-11-21T10:09:00Z","labels":{"app":"web",)"
    R"("pod-template-hash":"6d4cf56db6"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet",)"
    R"("name":"web-6d4cf56db6","uid":"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0","controller":true,)"
    R"("blockOwnerDeletion":true}],"managedFields":[{"manager":"kube-controller-manager","operation":"Update",)"
    R"("apiVersion":"v1","time":"2026-11-21T10:09:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":)"
    R"({"f:generateName":{},"f:labels":{".":{},"f:app":{},"f:pod-template-hash":{}},"f:ownerReferences":)"
    R"({".":{},"k:{\"uid\":\"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\"}":{}}},"f:spec":{"f:containers":)"
    R"({"k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:imagePullPolicy":{},"f:name":{},"f:ports":{".":{},)"
    R"("k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},)"
    R"("f:resources":{".":{},"f:requests":{".":{},"f:cpu":{},"f:memory":{}}},"f:terminationMessagePath":{},)"
    R"("f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:enableServiceLinks":{},"f:restartPolicy":{},)"
    R"("f:schedulerName":{},"f:securityContext":{},"f:terminationGracePeriodSeconds":{}}}}]},"spec":)"
    R"({"volumes":[{"name":"kube-api-access-7k2zq","projected":{"sources":[{"serviceAccountToken":)"
    R"({"expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":)"
    R"([{"key":"ca.crt","path":"ca.crt"}]}},{"downwardAPI":{"items":[{"path":"namespace","fieldRef":)"
    R"({"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}],"defaultMode":420}}],"containers":)"
    R"([{"name":"web","image":"nginx:1.25","ports":[{"containerPort":80,"protocol":"TCP"}],"resources":)"
    R"({"requests":{"cpu":"100m","memory":"500Mi"}},"volumeMounts":[{"name":"kube-api-access-7k2zq",)"
    R"("readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],)"
    R"("terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File",)"
    R"("imagePullPolicy":"IfNotPresent"}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,)"
    R"("dnsPolicy":"ClusterFirst","serviceAccountName":"default","serviceAccount":"default","nodeName":)"
    R"("node-17","securityContext":{},"schedulerName":"heat-scheduler","tolerations":[{"key":)"
    R"("node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300},)"
    R"({"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute",)"
    R"("tolerationSeconds":300}],"priority":0,"enableServiceLinks":true,"preemptionPolicy":)"
    R"("PreemptLowerPriority"},"status":{"phase":"Running","conditions":[{"type":"Initialized","status":)"
    R"("True","lastProbeTime":null,"lastTransitionTime":"2026-11-21T10:09:01Z"},{"type":"Ready","status":)"
    R"("True","lastProbeTime":null,"lastTransitionTime":"2026-11-21T10:09:03Z"},{"type":"PodScheduled",)"
    R"("status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-21T10:09:01Z"}],"hostIP":)"
    R"("10.0.0.17","podIP":"10.244.17.5","podIPs":[{"ip":"10.244.17.5"}],"startTime":)"
    R"("2026-11-21T10:09:01Z","containerStatuses":[{"name":"web","state":{"running":{"startedAt":)"
    R"("2026-11-21T10:09:02Z"}},"lastState":{},"ready":true,"restartCount":0,"image":"nginx:1.25",)"
    R"("imageID":"docker.io/library/nginx@sha256:0123456789abcdef","containerID":"containerd://0123",)"
    R"("started":true}],"qosClass":"Burstable"}}})";

void WatchDecode(benchmark::State& state) {
  const std::unique_ptr<Decoder> decoder = MakeJsonDecoder();
  const std::string line = kPodEvent;
  for (auto _ : state) {
    absl::StatusOr<WatchEvent> event = decoder->DecodeWatchEvent(Kind::kPod, line);
    if (!event.ok() || !event->object_error.ok()) {
      state.SkipWithError("the event was not decoded");
      break;
    }
    benchmark::DoNotOptimize(event);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * line.size()));
}
BENCHMARK(WatchDecode);

}  // namespace
}  // namespace heat_scheduler::kube
