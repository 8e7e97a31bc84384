#include "cluster/registry.h"

#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/status.h"
#include "cluster/event_view.h"

namespace heat_scheduler::cluster {
namespace {

Json NamedObject(std::string_view name) { return {{"metadata", {{"name", name}}}}; }

// A write may not rename an object or move it.
Refusal CheckIdentity(const ObjectName& object, Json& document) {
  const ResourceInfo& resource = *object.resource;
  if (!document.is_object()) return std::nullopt;  // Refused by CheckShape.
  Json& metadata = EnsureObject(document, "metadata");
  const std::string_view name = TextAt(metadata, {"name"});
  if (!name.empty() && name != object.name) {
    return BadRequest("the name of the object (" + std::string(name) +
                      ") does not match the name on the URL (" + object.name + ")");
  }
  metadata["name"] = object.name;
  if (!resource.namespaced) {
    metadata.erase("namespace");
    return std::nullopt;
  }
  const std::string_view namespace_ = TextAt(metadata, {"namespace"});
  if (!namespace_.empty() && namespace_ != object.namespace_) {
    return BadRequest(
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  metadata["namespace"] = object.namespace_;
  return std::nullopt;
}

}  // namespace

Registry::Registry(Store& store) : store_(store) {
  const WriteContext context{"heat-cluster/bootstrap", "create"};
  for (const char* name : {"default", "kube-system", "kube-public", "kube-node-lease"}) {
    const auto made = Create(NamespaceResource(), "", NamedObject(name), context);
    HS_CHECK(made.ok(), made.error().message);
  }
  Json node_critical = NamedObject("system-node-critical");
  node_critical["value"] = 2'000'001'000;
  Json cluster_critical = NamedObject("system-cluster-critical");
  cluster_critical["value"] = 2'000'000'000;
  for (const Json& document : {cluster_critical, node_critical}) {
    const auto made = Create(PriorityClassResource(), "", document, context);
    HS_CHECK(made.ok(), made.error().message);
  }
}

Outcome<DocumentRef> Registry::Get(const ObjectName& object) const {
  DocumentRef found = store_.Get(*object.resource, object.namespace_, object.name);
  if (found == nullptr) return NotFound(*object.resource, object.name);
  return found;
}

Outcome<DocumentRef> Registry::Create(const ResourceInfo& resource, std::string_view namespace_,
                                      Json document, const WriteContext& context) {
  if (Refusal refusal = CheckShape(resource, document)) return *std::move(refusal);
  Json stored = ToStored(resource, std::move(document));
  const ResourceInfo& form = StorageForm(resource);
  if (Refusal refusal = AdmitCreate(store_, form, namespace_, stored)) return *std::move(refusal);
  return store_.Create(form, std::move(stored), context);
}

Outcome<DocumentRef> Registry::Update(const ObjectName& object, Part part, Json document,
                                      const WriteContext& context) {
  ASSIGN_OR_RETURN(const DocumentRef current, Get(object));
  if (Refusal refusal = CheckIdentity(object, document)) return *std::move(refusal);
  if (Refusal refusal = CheckShape(*object.resource, document)) return *std::move(refusal);
  Json stored = ToStored(*object.resource, std::move(document));
  const ResourceInfo& form = StorageForm(*object.resource);
  if (Refusal refusal = AdmitUpdate(store_, form, part, current->json(), stored)) {
    return *std::move(refusal);
  }
  return store_.Update(form, std::move(stored), context);
}

Outcome<DocumentRef> Registry::Patch(const ObjectName& object, Part part, PatchType type,
                                     const Json& patch, const WriteContext& context) {
  const DocumentRef current = store_.Get(*object.resource, object.namespace_, object.name);
  if (current == nullptr) {
    if (type != PatchType::kApply || part != Part::kMain) {
      return NotFound(*object.resource, object.name);
    }
    Json document = patch;
    if (Refusal refusal = CheckIdentity(object, document)) return *std::move(refusal);
    return Create(*object.resource, object.namespace_, std::move(document), context);
  }
  const Json before = ToView(*object.resource, current->json());
  ASSIGN_OR_RETURN(Json patched, ApplyPatch(type, before, patch));
  return Update(object, part, std::move(patched), context);
}

Outcome<Deleted> Registry::Delete(const ObjectName& object, const DeleteOptions& options,
                                  const WriteContext& context) {
  const ResourceInfo& form = StorageForm(*object.resource);
  ASSIGN_OR_RETURN(Deleted deleted,
                   store_.Delete(form, object.namespace_, object.name, options, context));
  if (&form != &NamespaceResource() || context.dry_run) return deleted;
  DeleteOptions at_once;
  at_once.grace_seconds = 0;
  for (const ResourceInfo& resource : Resources()) {
    if (!resource.namespaced || IsView(resource)) continue;
    std::vector<std::string> names;
    for (const auto& [key, document] : store_.All(resource)) {
      if (document->namespace_() == object.name) names.emplace_back(document->name());
    }
    for (const std::string& name : names) {
      store_.Delete(resource, object.name, name, at_once, context);
    }
  }
  return deleted;
}

DeleteOptions ReadDeleteOptions(const Json& document) {
  DeleteOptions options;
  options.grace_seconds = IntegerAt(document, {"gracePeriodSeconds"});
  options.uid = TextAt(document, {"preconditions", "uid"});
  options.resource_version = TextAt(document, {"preconditions", "resourceVersion"});
  return options;
}

}  // namespace heat_scheduler::cluster
