// The page /metrics/resources: what each pod requests and may use, as kube-scheduler serves it.
//
// kube_pod_resource_request and kube_pod_resource_limit, with the labels namespace, pod, node,
// scheduler, priority, resource and unit; amounts of zero are left out, and so are pods that have
// ended and pods of other schedulers that are on no node, which are not known here. A large cluster
// has a million lines: they are made and sent some at a time, between which the loop does other
// things. Source: pkg/scheduler/metrics/resources/resources.go, v1.36.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kube/codec.h"
#include "kube/objects.h"
#include "live/page.h"
#include "net/event_loop.h"
#include "scheduler/core/scheduler.h"

namespace heat_scheduler {

// Which of the two families.
enum class PodResources { kRequests, kLimits };

// Returns the text of one family for those pods.
std::string ResourceMetricsText(PodResources what, const std::vector<kube::Ref<kube::Pod>>& pods);

// Returns the page. Borrows both.
StreamPage ResourceMetricsPage(const Scheduler& scheduler, net::EventLoop& loop);

}  // namespace heat_scheduler
