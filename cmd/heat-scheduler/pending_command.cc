#include "cmd/heat-scheduler/pending_command.h"

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/time_text.h"
#include "cmd/heat-scheduler/port_client.h"
#include "cmd/text_table.h"
#include "net/url.h"

namespace heat_scheduler {
namespace {

using nlohmann::json;

struct PendingFlags {
  PortClientFlags port;
  std::string queue;
  int limit = 500;
};

std::string TargetOf(const PendingFlags& flags) {
  std::string target = absl::StrCat("/pending?limit=", flags.limit);
  if (!flags.queue.empty()) absl::StrAppend(&target, "&queue=", flags.queue);
  const std::string& namespace_ = flags.port.namespace_;
  if (!namespace_.empty()) absl::StrAppend(&target, "&namespace=", net::PercentEncode(namespace_));
  return target;
}

absl::StatusOr<int> Show(const PendingFlags& flags) {
  ASSIGN_OR_RETURN(std::string document, FetchPage(flags.port, TargetOf(flags)));
  if (flags.port.output != "json") {
    ASSIGN_OR_RETURN(document, PendingTable(document, flags.port.output == "wide"));
  }
  std::fputs(document.c_str(), stdout);
  return 0;
}

// Returns the time from one RFC 3339 text to another, as kubectl writes ages; "-" if there is none.
std::string Between(const std::string& from, const std::string& to) {
  const std::optional<absl::Time> begin = ParseRfc3339(from);
  const std::optional<absl::Time> end = ParseRfc3339(to);
  if (!begin.has_value() || !end.has_value()) return "-";
  return HumanDuration(std::max(absl::ZeroDuration(), *end - *begin));
}

// Returns a row of the table. Throws json::exception for what is no item.
std::vector<std::string> RowOf(const json& item, const std::string& now, bool wide) {
  const auto plugins = item.at("plugins").get<std::vector<std::string>>();
  std::vector<std::string> row = {item.at("namespace"),
                                  item.at("name"),
                                  item.at("queue"),
                                  absl::StrCat(item.at("position").get<int>()),
                                  absl::StrCat(item.at("attempts").get<int>()),
                                  Between(item.at("queuedAt"), now),
                                  Between(now, item.value("nextRetry", "")),
                                  plugins.empty() ? "-" : absl::StrJoin(plugins, ",")};
  if (wide) row.push_back(item.at("message"));
  return row;
}

}  // namespace

absl::StatusOr<std::string> PendingTable(const std::string& document, bool wide) {
  try {
    const json list = json::parse(document);
    const json& items = list.at("items");
    if (items.empty()) return std::string("No pods are pending.\n");
    std::vector<std::vector<std::string>> rows = {{"NAMESPACE", "NAME", "QUEUE", "POSITION",
                                                   "ATTEMPTS", "WAITING", "NEXT TRY",
                                                   "REJECTED BY"}};
    if (wide) rows.front().push_back("MESSAGE");
    for (const json& item : items) rows.push_back(RowOf(item, list.at("time"), wide));
    std::string table = TextTable(rows);
    if (const std::size_t remaining = list.at("remaining").get<std::size_t>(); remaining > 0) {
      absl::StrAppend(&table, "... and ", remaining, " more; --limit shows up to 10000\n");
    }
    return table;
  } catch (const json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the answer is no list of pending pods; is --server a heat-scheduler's? ", error.what()));
  }
}

void AddPendingCommand(CLI::App& app, std::function<absl::StatusOr<int>()>& run) {
  CLI::App* command = app.add_subcommand(
      "pending", "Show the pods that a running scheduler has in its queue, and what they wait for");
  auto flags = std::make_shared<PendingFlags>();
  AddPortClientFlags(*command, flags->port, "table|wide|json");
  command->add_option("--queue", flags->queue, "Only the pods of this queue")
      ->type_name("QUEUE")
      ->check(CLI::IsMember({"active", "backoff", "unschedulable", "gated", "inFlight"}));
  command->add_option("--limit", flags->limit, "Pods that are shown, at most")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->callback([&run, flags] { run = [flags] { return Show(*flags); }; });
}

}  // namespace heat_scheduler
