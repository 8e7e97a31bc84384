// Lists: which objects, as of when, and in pages.
//
// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/ ("Resource versions",
// "Retrieving large results sets in chunks"); k8s.io/apiserver pkg/storage/continue.go (v0.36).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cluster/api_error.h"
#include "cluster/document.h"
#include "cluster/selectors.h"
#include "cluster/store.h"

namespace heat_scheduler::cluster {

// The parameters of a list, as they stand in the query.
struct ListOptions {
  Selection selection;
  std::string resource_version;        // "", "0" or a number.
  std::string resource_version_match;  // "", "Exact" or "NotOlderThan".
  std::int64_t limit = 0;              // 0: everything at once.
  std::string continue_token;          // From the page before.
};

struct ObjectList {
  std::vector<DocumentRef> items;
  std::int64_t resource_version = 0;
  std::string continue_token;  // Empty: the last page.
  std::int64_t remaining = 0;  // How many follow this page; 0 also when it is not known.
};

// Returns the number of a resourceVersion; BadRequest if it is none. Empty counts as 0.
Outcome<std::int64_t> ParseResourceVersion(std::string_view text);

// Returns one page. Expired if the wanted or continued resourceVersion is no longer known, 504 if
// it is not reached yet, BadRequest for parameters that do not go together.
Outcome<ObjectList> ListObjects(const Store& store, const ResourceInfo& resource,
                                const ListOptions& options);

}  // namespace heat_scheduler::cluster
