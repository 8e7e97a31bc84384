#include "cmd/heat-scheduler/explain_command.h"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "cmd/heat-scheduler/port_client.h"
#include "net/url.h"
#include "nlohmann/json.hpp"
#include "scheduler/explain/decision_text.h"

namespace heat_scheduler {
namespace {

struct ExplainFlags {
  PortClientFlags port;
  std::string pod;
  std::optional<std::uint64_t> decision;
  bool all = false;
};

// Returns the name in "pod/x", "pods/x" or "x".
absl::StatusOr<std::string> PodNameOf(const std::string& argument) {
  const std::size_t slash = argument.find('/');
  const std::string kind = slash == argument.npos ? "pod" : argument.substr(0, slash);
  std::string name = slash == argument.npos ? argument : argument.substr(slash + 1);
  if ((kind != "pod" && kind != "pods") || name.empty() || absl::StrContains(name, "/")) {
    return absl::InvalidArgumentError(
        absl::StrCat("want pod/NAME, got ", Quoted(argument), "; the namespace goes behind -n"));
  }
  return name;
}

absl::StatusOr<int> Show(const ExplainFlags& flags) {
  ASSIGN_OR_RETURN(const std::string name, PodNameOf(flags.pod));
  ASSIGN_OR_RETURN(const std::string namespace_, NamespaceOf(flags.port));
  std::string target =
      absl::StrCat("/explain/", net::PercentEncode(namespace_), "/", net::PercentEncode(name));
  if (flags.decision.has_value()) absl::StrAppend(&target, "?decision=", *flags.decision);
  ASSIGN_OR_RETURN(const std::string body, FetchPage(flags.port, target));
  const auto document = nlohmann::ordered_json::parse(body, nullptr, false);
  if (document.is_discarded()) return absl::InternalError("the answer is no JSON document");
  if (flags.port.output == "json") {
    // ASCII alone, so that no name reaches the terminal as anything but text.
    std::puts(document.dump(2, ' ', true).c_str());
    return 0;
  }
  ASSIGN_OR_RETURN(
      const std::string text,
      DecisionText(document, flags.all ? DecisionTextNodes::kAll : DecisionTextNodes::kFew));
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace

void AddExplainCommand(CLI::App& app, std::function<absl::StatusOr<int>()>& run) {
  CLI::App* command =
      app.add_subcommand("explain", "Show what a running scheduler decided about a pod, and why");
  auto flags = std::make_shared<ExplainFlags>();
  command->add_option("POD", flags->pod, "The pod, as pod/NAME")->required();
  AddPortClientFlags(*command, flags->port, "text|json");
  command->add_option("--decision", flags->decision, "An earlier decision than the last, by number")
      ->type_name("N");
  command->add_flag("--all", flags->all, "Name every node");
  command->callback([&run, flags] { run = [flags] { return Show(*flags); }; });
}

}  // namespace heat_scheduler
