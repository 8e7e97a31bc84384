#include "extender/route.h"

#include <optional>

namespace heat_scheduler {
namespace {

constexpr ExtenderVerb kNamed[] = {ExtenderVerb::kFilter, ExtenderVerb::kPrioritize,
                                   ExtenderVerb::kBind, ExtenderVerb::kPreempt};

std::optional<ExtenderVerb> VerbOf(std::string_view segment) {
  for (const ExtenderVerb verb : kNamed) {
    if (segment == VerbName(verb)) return verb;
  }
  return std::nullopt;
}

}  // namespace

std::string_view VerbName(ExtenderVerb verb) {
  switch (verb) {
    case ExtenderVerb::kFilter:
      return "filter";
    case ExtenderVerb::kPrioritize:
      return "prioritize";
    case ExtenderVerb::kBind:
      return "bind";
    case ExtenderVerb::kPreempt:
      return "preempt";
    case ExtenderVerb::kAncestor:
      break;
  }
  return "coolest";
}

ExtenderRoute RouteOf(const std::vector<std::string>& segments, const ExtenderProfiles& profiles) {
  const ExtenderRoute ancestor = {ExtenderVerb::kAncestor, &profiles.ancestor()};
  if (segments.empty()) return ancestor;
  const std::optional<ExtenderVerb> verb = VerbOf(segments.back());
  if (!verb.has_value()) return ancestor;
  const ExtenderProfile* named =
      segments.size() < 2 ? nullptr : profiles.Find(segments[segments.size() - 2]);
  if (named != nullptr) return {*verb, named};
  if (*verb == ExtenderVerb::kFilter) return ancestor;
  return {*verb, &profiles.heat()};
}

}  // namespace heat_scheduler
