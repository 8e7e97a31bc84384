// What a request to the extender asks for, by the path that it is sent to.
//
// kube-scheduler posts to "<urlPrefix>/<verb>"; both are the user's words. The last segment is the
// verb, and the one before it the profile if it names one: "/heat/filter". Verbs are "filter",
// "prioritize", "bind" and "preempt"; any other path asks as the ancestor was asked, whose own
// verb was whatever came. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "extender/profiles.h"

namespace heat_scheduler {

enum class ExtenderVerb {
  kFilter,
  kPrioritize,
  kBind,
  kPreempt,
  kAncestor,  // Filter, and exactly one node stays: the coolest.
};

// Returns "filter", ...; "coolest" for kAncestor.
std::string_view VerbName(ExtenderVerb verb);

struct ExtenderRoute {
  ExtenderVerb verb = ExtenderVerb::kAncestor;
  const ExtenderProfile* profile = nullptr;  // One of the profiles given.
};

// Returns the route of a path's segments. A filter that names no profile is the ancestor's; any
// other verb that names none is answered by `heat`.
ExtenderRoute RouteOf(const std::vector<std::string>& segments, const ExtenderProfiles& profiles);

}  // namespace heat_scheduler
