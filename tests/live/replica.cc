#include "tests/live/replica.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace heat_scheduler {
const cluster::ResourceInfo& LeaseResource() {
  return *cluster::FindResource("coordination.k8s.io", "v1", "leases");
}

Replica::Replica(LiveCluster& live, std::string name, std::uint64_t seed,
                 LeaderElectionOptions options, Faults faults)
    : live_(live),
      name_(std::move(name)),
      faults_(std::move(faults)),
      network_(live.loop(), &live.server(), {.seed = seed}),
      process_(live.loop()),
      wire_(process_, network_),
      leadership_(process_),
      api_(wire_, process_, *decoder_,
           {.user_agent = name_, .write_gate = [this] { return leadership_.Check(); }}),
      lease_api_(wire_, process_, *decoder_,
                 {.user_agent = absl::StrCat(name_, "/leader-election")}),
      machine_(MakeMachine()) {
  network_.SetPolicy(this);
  DriverOptions driver;
  driver.kinds = {kube::Kind::kNode, kube::Kind::kPod};
  driver.hostname = name_;
  driver.seed = seed;
  driver.election = Election{.options = std::move(options),
                             .identity = name_,
                             .api = &lease_api_,
                             .leadership = &leadership_,
                             .on_lost = [this](const absl::Status& why) {
                               lost_ = why;
                               ended_ = true;
                             }};
  driver_ = std::make_unique<LiveDriver>(process_, api_, *machine_, metrics_, std::move(driver));
  driver_->Start();
}

Replica::~Replica() { driver_.reset(); }

void Replica::Stop() {
  driver_->Stop([this] { ended_ = true; });
}

void Replica::Connect(bool connected) {
  network_.Connect(connected ? &live_.server() : nullptr);
  if (!connected) network_.CutAll();
}

FaultPlan Replica::OnRequest(const net::HttpRequest& request) {
  if (IsBind(request)) {
    binds_.push_back(live_.loop().Now().mono);
    if (on_bind) on_bind(request);
  }
  return faults_ ? faults_(request) : FaultPlan{};
}

}  // namespace heat_scheduler
