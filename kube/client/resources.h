// Where each kind lives in the API: its group, version, plural and scope, and the request targets
// made of them. Pure functions. Source: the OpenAPI document of Kubernetes v1.36.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "kube/codec.h"

namespace heat_scheduler::kube {

struct Resource {
  Kind kind;
  std::string_view group;  // Empty for the core group.
  std::string_view version;
  std::string_view plural;
  bool namespaced;

  // Returns "v1" or "policy/v1": what apiVersion says.
  std::string ApiVersion() const;
};

// Returns what is known of the kind.
const Resource& ResourceOf(Kind kind);

// Returns "/api/v1/namespaces/default/pods" or "/apis/storage.k8s.io/v1/csinodes". An empty
// namespace stands for all of them.
std::string CollectionTarget(Kind kind, std::string_view namespace_);

// Returns the target of one object, or of a subresource of it ("binding", "status") unless empty.
std::string ObjectTarget(Kind kind, std::string_view namespace_, std::string_view name,
                         std::string_view subresource = "");

// Which objects of a kind a list or a watch is about.
struct Selection {
  Kind kind = Kind::kPod;
  std::string namespace_ = {};  // Empty: all namespaces.
  std::string label_selector = {};
  std::string field_selector = {};
};

struct ListQuery {
  Selection selection = {};
  int limit = 0;  // Items in a page; 0: all in one.
  std::string continue_token = {};
};

struct WatchQuery {
  Selection selection = {};
  std::string resource_version = {};              // Events after this one.
  absl::Duration timeout = absl::ZeroDuration();  // The server ends the watch then; whole seconds.
};

// Returns the target of a page of a list with the newest data (resourceVersion unset).
std::string ListTarget(const ListQuery& query);

// Returns the target of a watch with bookmarks.
std::string WatchTarget(const WatchQuery& query);

}  // namespace heat_scheduler::kube
