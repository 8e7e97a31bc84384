#include "cmd/heat-scheduler/live_extender.h"

#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "base/status.h"
#include "live/extender_log.h"
#include "live/log.h"

namespace heat_scheduler {
namespace {

constexpr char kOff[] = "off";

}  // namespace

void AddLiveExtenderFlags(CLI::App& app, LiveExtenderFlags& flags) {
  AddExtenderPortFlags(app, flags.port);
  app.add_flag("--extender-bind", flags.bind,
               "Bind pods for kube-schedulers that name the verb bind (bindVerb)");
  app.add_flag("--extender-preempt", flags.preempt,
               "Answer kube-schedulers that name the verb preempt (preemptVerb)");
}

absl::StatusOr<std::unique_ptr<LiveExtender>> LiveExtender::Open(
    net::AsioLoop& loop, kube::ApiClient& api, kube::Decoder& decoder, const Scheduler& scheduler,
    const LiveDriver& driver, const SchedulerConfig& config, const LiveExtenderFlags& flags,
    bool may_write, Metrics& metrics) {
  const WatchedCluster live = {&scheduler.cluster(), [&driver] { return driver.synced(); }};
  std::unique_ptr<LiveExtender> extender(new LiveExtender(api, live));
  if (flags.port.listen == kOff) return extender;
  ASSIGN_OR_RETURN(ExtenderProfiles profiles, ExtenderProfiles::Create(config));
  extender->handler_ = std::make_unique<ExtenderHandler>(
      loop, decoder, std::move(profiles),
      ExtenderOptions{.live = live,
                      .binder = flags.bind && may_write ? &extender->binder_ : nullptr,
                      .preempt = flags.preempt,
                      .on_answer = [&metrics](const ExtenderReport& report) {
                        CountExtenderAnswer(report, metrics);
                        LogExtenderAnswer(report);
                      }});
  auto serving = ExtenderServing::Open(loop, *extender->handler_, flags.port);
  if (serving.ok()) {
    extender->serving_ = *std::move(serving);
    return extender;
  }
  if (flags.port.stated || !absl::IsUnavailable(serving.status())) return serving.status();
  LogWarning("Not serving as an extender: the address is not to be had",
             {{"err", std::string(serving.status().message())},
              {"flag", "--extender-listen=off says that this is as it should be"}});
  return extender;
}

}  // namespace heat_scheduler
