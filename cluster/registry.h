// Reads, writes and the special writes of objects: the API without HTTP.
//
// Puts admission in front of the store. What is created or changed through here obeys the rules of
// the real API server; requests, manifests and the fake kubelets all come through. Belongs to one
// thread, the loop's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/admission.h"
#include "cluster/api_error.h"
#include "cluster/patch.h"
#include "cluster/store.h"

namespace heat_scheduler::cluster {

// Names one object.
struct ObjectName {
  const ResourceInfo* resource = nullptr;
  std::string namespace_;  // Empty for cluster-scoped objects.
  std::string name;
};

class Registry {
 public:
  // Creates the objects that every cluster has: the namespaces default, kube-system, kube-public
  // and kube-node-lease, and the two system priority classes. `store` must outlive the registry.
  explicit Registry(Store& store);

  Store& store() { return store_; }

  // Returns the object, or NotFound.
  Outcome<DocumentRef> Get(const ObjectName& object) const;

  // Creates an object in `namespace_` (ignored for cluster-scoped kinds).
  Outcome<DocumentRef> Create(const ResourceInfo& resource, std::string_view namespace_,
                              Json document, const WriteContext& context);

  // Replaces one part of an object.
  Outcome<DocumentRef> Update(const ObjectName& object, Part part, Json document,
                              const WriteContext& context);

  // Patches one part of an object. kApply creates the object if it is absent.
  Outcome<DocumentRef> Patch(const ObjectName& object, Part part, PatchType type, const Json& patch,
                             const WriteContext& context);

  // Deletes an object; a namespace with all that is in it.
  Outcome<Deleted> Delete(const ObjectName& object, const DeleteOptions& options,
                          const WriteContext& context);

  // Binds a pod as the binding subresource does; `binding` is a core/v1 Binding. Conflict if the
  // pod is bound, gated, being deleted or another one by UID.
  Refusal Bind(std::string_view namespace_, std::string_view pod, const Json& binding,
               const WriteContext& context);

  // Evicts a pod as the eviction subresource does; TooManyRequests if a disruption budget does not
  // allow it.
  Refusal Evict(std::string_view namespace_, std::string_view pod, const Json& eviction,
                const WriteContext& context);

 private:
  Store& store_;
};

// Reads metav1.DeleteOptions; absent members stay empty.
DeleteOptions ReadDeleteOptions(const Json& document);

}  // namespace heat_scheduler::cluster
