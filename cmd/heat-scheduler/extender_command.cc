#include "cmd/heat-scheduler/extender_command.h"

#include <memory>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "cmd/heat-scheduler/config_flags.h"
#include "cmd/heat-scheduler/extender_serving.h"
#include "cmd/heat-scheduler/log_flags.h"
#include "extender/handler.h"
#include "extender/profiles.h"
#include "kube/codec.h"
#include "live/extender_log.h"
#include "live/log.h"
#include "live/version.h"
#include "net/asio_loop.h"

namespace heat_scheduler {
namespace {

// How long requests under way may take at the end.
constexpr absl::Duration kStopGrace = absl::Seconds(4);

struct ExtenderFlags {
  ExtenderPortFlags port;
  std::string config;
  LogOptions log;
};

absl::StatusOr<ExtenderProfiles> LoadProfiles(const std::string& file) {
  if (file.empty()) return ExtenderProfiles::Create();
  ASSIGN_OR_RETURN(const LoadedConfig loaded, LoadConfig({.config = file}));
  ASSIGN_OR_RETURN(ExtenderProfiles profiles, ExtenderProfiles::Create(loaded.config));
  RETURN_IF_ERROR(AtSource(profiles.CheckAllAnswerFromNodes(), file));
  return profiles;
}

absl::StatusOr<int> Serve(const ExtenderFlags& flags) {
  ASSIGN_OR_RETURN(ExtenderProfiles profiles, LoadProfiles(flags.config));
  LogInfo(0, "Starting",
          {{"version", kVersion}, {"profiles", absl::StrJoin(profiles.names(), ",")}});
  net::AsioLoop loop;
  const std::unique_ptr<kube::Decoder> decoder = kube::MakeJsonDecoder();
  ExtenderHandler handler(loop, *decoder, std::move(profiles), {.on_answer = LogExtenderAnswer});
  ASSIGN_OR_RETURN(const std::unique_ptr<ExtenderServing> serving,
                   ExtenderServing::Open(loop, handler, flags.port));
  bool stopping = false;
  loop.OnSignal([&](int) {
    if (stopping) return loop.Stop();  // The second one means it.
    stopping = true;
    serving->server().Shutdown(kStopGrace, [&loop] { loop.Stop(); });
  });
  loop.Run();
  LogInfo(0, "Stopped");
  return 0;
}

}  // namespace

void AddExtenderCommand(CLI::App& app, std::function<absl::StatusOr<int>()>& run) {
  CLI::App* command = app.add_subcommand(
      "extender",
      "Answer kube-schedulers as their extender, from the nodes that their requests carry; without "
      "an API server");
  auto flags = std::make_shared<ExtenderFlags>();
  AddExtenderPortFlags(*command, flags->port);
  command
      ->add_option("--config", flags->config,
                   "KubeSchedulerConfiguration whose profiles can be asked, beside the profile "
                   "heat that is always there")
      ->type_name("FILE");
  AddLogFlags(*command, flags->log);
  command->callback([&run, flags] {
    run = [flags]() -> absl::StatusOr<int> {
      SetUpLogging(flags->log);
      absl::StatusOr<int> code = Serve(*flags);
      ShutDownLogging();
      return code;
    };
  });
}

}  // namespace heat_scheduler
