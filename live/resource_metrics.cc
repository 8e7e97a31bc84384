#include "live/resource_metrics.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "kube/pod_requests.h"
#include "live/metrics_registry.h"

namespace heat_scheduler {
namespace {

// Made in one go: about a millisecond's work.
constexpr std::size_t kPodsAtATime = 200;
// What a slow peer may leave untaken before no more is made for it ...
constexpr std::size_t kMaxQueuedBytes = 1024 * 1024;
// ... and how long until it is looked at again.
constexpr absl::Duration kPause = absl::Milliseconds(20);

std::string_view UnitOf(std::string_view resource) {
  if (resource == "cpu") return "cores";
  if (resource == "memory" || resource == "storage" || resource == "ephemeral-storage" ||
      resource.starts_with("hugepages-")) {
    return "bytes";
  }
  return resource.starts_with("attachable-volumes-") ? "integer" : "";
}

// Returns the amount in units; beyond 9e15 thousandths in whole ones.
double AmountOf(const kube::Quantity& quantity) {
  constexpr std::int64_t kExactMilli = 9'000'000'000'000'000;
  const std::int64_t milli = quantity.MilliValue();
  return std::abs(milli) < kExactMilli ? static_cast<double>(milli) / 1000
                                       : static_cast<double>(quantity.Value());
}

void Add(const kube::Pod& pod, const kube::ResourceList& amounts, Gauge& gauge) {
  for (const auto& [resource, quantity] : amounts) {
    if (quantity.is_zero()) continue;
    gauge.Set({pod.metadata.namespace_, pod.metadata.name, pod.node_name, pod.spec->scheduler_name,
               std::to_string(pod.spec->priority), resource, std::string(UnitOf(resource))},
              AmountOf(quantity));
  }
}

// Sends both families, and keeps itself alive until it has or the peer is gone.
class Sending : public std::enable_shared_from_this<Sending> {
 public:
  Sending(net::EventLoop& loop, std::vector<kube::Ref<kube::Pod>> pods,
          std::shared_ptr<net::ResponseSink> sink)
      : loop_(loop), pods_(std::move(pods)), sink_(std::move(sink)) {}

  void Start(net::Headers headers) {
    sink_->OnGone([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->gone_ = true;
    });
    sink_->BeginStream(200, std::move(headers));
    Next(absl::ZeroDuration());
  }

 private:
  void Next(absl::Duration pause) {
    loop_.RunAfter(pause, [self = shared_from_this()] { self->Step(); });
  }

  void Step() {
    if (gone_) return;
    if (sink_->queued_bytes() > kMaxQueuedBytes) return Next(kPause);
    const std::size_t end = std::min(next_ + kPodsAtATime, pods_.size());
    std::string text =
        ResourceMetricsText(what_, {pods_.begin() + static_cast<std::ptrdiff_t>(next_),
                                    pods_.begin() + static_cast<std::ptrdiff_t>(end)});
    // What the family is, is said once.
    if (next_ > 0) text.erase(0, text.find('\n', text.find('\n') + 1) + 1);
    sink_->Write(std::make_shared<const std::string>(std::move(text)));
    next_ = end;
    if (next_ == pods_.size()) {
      if (what_ == PodResources::kLimits) return sink_->Close();
      what_ = PodResources::kLimits;
      next_ = 0;
    }
    Next(absl::ZeroDuration());
  }

  net::EventLoop& loop_;
  const std::vector<kube::Ref<kube::Pod>> pods_;
  const std::shared_ptr<net::ResponseSink> sink_;
  PodResources what_ = PodResources::kRequests;
  std::size_t next_ = 0;
  bool gone_ = false;
};

}  // namespace

std::string ResourceMetricsText(PodResources what, const std::vector<kube::Ref<kube::Pod>>& pods) {
  const bool requests = what == PodResources::kRequests;
  MetricsRegistry registry;
  Gauge gauge(registry, requests ? "kube_pod_resource_request" : "kube_pod_resource_limit",
              requests ? "What a pod requests, its containers and overhead together."
                       : "What a pod may use, its containers and overhead together.",
              {"namespace", "pod", "node", "scheduler", "priority", "resource", "unit"});
  for (const kube::Ref<kube::Pod>& pod : pods) {
    Add(*pod, requests ? kube::PodRequests(*pod) : kube::PodLimits(*pod), gauge);
  }
  return registry.Text();
}

StreamPage ResourceMetricsPage(const Scheduler& scheduler, net::EventLoop& loop) {
  return [&scheduler, &loop](const net::Target&, std::shared_ptr<net::ResponseSink> sink) {
    std::make_shared<Sending>(loop, scheduler.pods(), std::move(sink))
        ->Start(PageAnswer(200, kExposition, "").headers);
  };
}

}  // namespace heat_scheduler
