// The columns of events (cluster/table.h).
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "cluster/names.h"
#include "cluster/table.h"

namespace heat_scheduler::cluster {
namespace {

std::string Text(const Json& event, Path path) { return std::string(TextAt(event, path)); }

std::string_view FirstTime(const Json& event) {
  const std::string_view first = TextAt(event, {"firstTimestamp"});
  return first.empty() ? TextAt(event, {"eventTime"}) : first;
}

std::string FirstSeen(const Json& event, absl::Time now) { return AgeSince(FirstTime(event), now); }

std::string LastSeen(const Json& event, absl::Time now) {
  const std::string_view series = TextAt(event, {"series", "lastObservedTime"});
  if (!series.empty()) return AgeSince(series, now);
  const std::string_view last = TextAt(event, {"lastTimestamp"});
  return AgeSince(last.empty() ? FirstTime(event) : last, now);
}

std::string Type(const Json& event, absl::Time) { return Text(event, {"type"}); }

std::string Reason(const Json& event, absl::Time) { return Text(event, {"reason"}); }

std::string Object(const Json& event, absl::Time) {
  const std::string kind = AsciiLower(TextAt(event, {"involvedObject", "kind"}));
  const std::string_view name = TextAt(event, {"involvedObject", "name"});
  return name.empty() ? kind : absl::StrCat(kind, "/", ToAbsl(name));
}

std::string Subobject(const Json& event, absl::Time) {
  return Text(event, {"involvedObject", "fieldPath"});
}

std::string Source(const Json& event, absl::Time) {
  std::string component = Text(event, {"source", "component"});
  std::string host = Text(event, {"source", "host"});
  if (component.empty()) component = Text(event, {"reportingComponent"});
  if (host.empty()) host = Text(event, {"reportingInstance"});
  return host.empty() ? component : absl::StrCat(component, ", ", host);
}

std::string Message(const Json& event, absl::Time) {
  std::string message = Text(event, {"message"});
  while (!message.empty() && (message.back() == ' ' || message.back() == '\n')) message.pop_back();
  return message;
}

std::string Count(const Json& event, absl::Time) {
  const auto series = IntegerAt(event, {"series", "count"});
  return absl::StrCat(series.value_or(IntegerAt(event, {"count"}).value_or(1)));
}

}  // namespace

std::vector<Column> EventColumns() {
  return {{"Last Seen", false, LastSeen}, {"Type", false, Type},
          {"Reason", false, Reason},      {"Object", false, Object},
          {"Subobject", true, Subobject}, {"Source", true, Source},
          {"Message", false, Message},    {"First Seen", true, FirstSeen},
          {"Count", true, Count},         {"Name", true, NameCell}};
}

}  // namespace heat_scheduler::cluster
