#include "cluster/admission.h"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "cluster/names.h"
#include "cluster/pod_admission.h"
#include "cluster/storage_defaults.h"

namespace heat_scheduler::cluster {
namespace {

ApiError CannotBeHandled(const ResourceInfo& resource, std::string_view why) {
  return BadRequest(absl::StrCat(ToAbsl(resource.kind), " in version \"", ToAbsl(resource.version),
                                 "\" cannot be handled as a ", ToAbsl(resource.kind), ": ",
                                 ToAbsl(why)));
}

// Checks that a map of metadata holds nothing but text.
Refusal CheckTextMap(const ResourceInfo& resource, const Json& metadata, std::string_view key) {
  const Json* map = Find(metadata, {key});
  if (map == nullptr) return std::nullopt;
  if (!map->is_object()) {
    return CannotBeHandled(resource, absl::StrCat("metadata.", ToAbsl(key), " is not a map"));
  }
  for (const auto& [name, value] : map->items()) {
    if (!value.is_string()) {
      return CannotBeHandled(
          resource, absl::StrCat("metadata.", ToAbsl(key), "[", name, "] is not a string"));
    }
  }
  return std::nullopt;
}

Refusal CheckMetadataTypes(const ResourceInfo& resource, const Json& metadata) {
  for (const std::string_view key : {"labels", "annotations"}) {
    if (Refusal refusal = CheckTextMap(resource, metadata, key)) return refusal;
  }
  for (const std::string_view key :
       {"name", "generateName", "namespace", "uid", "resourceVersion"}) {
    const Json* value = Find(metadata, {key});
    if (value != nullptr && !value->is_string()) {
      return CannotBeHandled(resource, absl::StrCat("metadata.", ToAbsl(key), " is not a string"));
    }
  }
  for (const std::string_view key : {"finalizers", "ownerReferences"}) {
    const Json* value = Find(metadata, {key});
    if (value != nullptr && !value->is_array()) {
      return CannotBeHandled(resource, absl::StrCat("metadata.", ToAbsl(key), " is not a list"));
    }
  }
  return std::nullopt;
}

// Drops what the server does not keep.
void CleanMetadata(Json& metadata) {
  metadata.erase("managedFields");
  metadata.erase("selfLink");
  for (const char* key : {"labels", "annotations", "finalizers", "ownerReferences"}) {
    const auto found = metadata.find(key);
    if (found != metadata.end() && (found->is_null() || found->empty())) metadata.erase(found);
  }
}

Refusal NameObject(Store& store, const ResourceInfo& resource, Json& metadata) {
  if (!TextAt(metadata, {"name"}).empty()) return std::nullopt;
  const std::string_view base = TextAt(metadata, {"generateName"});
  if (base.empty()) {
    return Invalid(resource, "", {Required("metadata.name", "name or generateName is required")});
  }
  metadata["name"] = GenerateName(base, store.random());
  return std::nullopt;
}

Refusal CheckNamespace(const Store& store, const ResourceInfo& resource,
                       std::string_view namespace_, Json& metadata) {
  if (!resource.namespaced) {
    metadata.erase("namespace");
    return std::nullopt;
  }
  const std::string_view own = TextAt(metadata, {"namespace"});
  if (!own.empty() && own != namespace_) {
    return BadRequest(
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  metadata["namespace"] = std::string(namespace_);
  const DocumentRef home = store.Get(NamespaceResource(), "", namespace_);
  if (home == nullptr) return NotFound(NamespaceResource(), namespace_);
  if (Find(home->json(), {"metadata", "deletionTimestamp"}) != nullptr) {
    return Forbidden(resource, TextAt(metadata, {"name"}),
                     absl::StrCat("unable to create new content in namespace ", ToAbsl(namespace_),
                                  " because it is being terminated"));
  }
  return std::nullopt;
}

std::vector<ErrorCause> CheckMetadataValues(const ResourceInfo& resource, const Json& object) {
  std::vector<ErrorCause> causes;
  const std::string_view name = TextAt(object, {"metadata", "name"});
  if (std::string why = NameError(resource, name); !why.empty()) {
    causes.push_back(InvalidValue("metadata.name", name, why));
  }
  for (const auto& [key, value] : ObjectAt(object, {"metadata", "labels"}).items()) {
    if (std::string why = QualifiedNameError(key); !why.empty()) {
      causes.push_back(InvalidValue("metadata.labels", key, why));
    }
    const std::string& text = value.get_ref<const std::string&>();
    if (std::string why = LabelValueError(text); !why.empty()) {
      causes.push_back(InvalidValue("metadata.labels", text, why));
    }
  }
  std::size_t bytes = 0;
  for (const auto& [key, value] : ObjectAt(object, {"metadata", "annotations"}).items()) {
    if (std::string why = QualifiedNameError(AsciiLower(key)); !why.empty()) {
      causes.push_back(InvalidValue("metadata.annotations", key, why));
    }
    bytes += key.size() + value.get_ref<const std::string&>().size();
  }
  constexpr std::size_t kMaxAnnotationBytes = 256 * 1024;
  if (bytes > kMaxAnnotationBytes) {
    causes.push_back(
        {"FieldValueTooLong",
         absl::StrCat("Too long: may not be more than ", kMaxAnnotationBytes, " bytes"),
         "metadata.annotations"});
  }
  return causes;
}

void ResetStatus(const ResourceInfo& resource, Json& object) {
  // Nodes register with their status, and node-like reports are the object itself.
  if (!resource.has_status || &resource == &NodeResource()) return;
  object["status"] = Json::object();
  if (resource.plural == "namespaces") object["status"]["phase"] = "Active";
  if (resource.kind == "PersistentVolume" || resource.kind == "PersistentVolumeClaim") {
    object["status"]["phase"] = "Pending";
  }
}

void SetNamespaceLabel(const ResourceInfo& resource, Json& object) {
  if (&resource != &NamespaceResource()) return;
  EnsureObject(object["metadata"], "labels")["kubernetes.io/metadata.name"] =
      TextAt(object, {"metadata", "name"});
}

}  // namespace

Refusal CheckShape(const ResourceInfo& resource, Json& object) {
  if (!object.is_object()) return CannotBeHandled(resource, "the document is not an object");
  const std::string version = ApiVersionOf(resource);
  SetDefault(object, "apiVersion", version);
  SetDefault(object, "kind", std::string(resource.kind));
  if (TextAt(object, {"apiVersion"}) != version || TextAt(object, {"kind"}) != resource.kind) {
    return BadRequest(absl::StrCat("the object provided is unrecognized (must be of type ",
                                   ToAbsl(resource.kind), " of ", version, "): it is ",
                                   Dump(object["kind"]), " of ", Dump(object["apiVersion"])));
  }
  SetDefault(object, "metadata", Json::object());
  if (!object["metadata"].is_object()) {
    return CannotBeHandled(resource, "metadata is not an object");
  }
  for (const std::string_view key : {"spec", "status"}) {
    const Json* part = Find(object, {key});
    if (part != nullptr && !part->is_object()) {
      return CannotBeHandled(resource, absl::StrCat(ToAbsl(key), " is not an object"));
    }
  }
  if (Refusal refusal = CheckMetadataTypes(resource, object["metadata"])) return refusal;
  CleanMetadata(object["metadata"]);
  if (&resource != &PodResource()) return std::nullopt;
  const std::string why = PodShapeError(object);
  if (why.empty()) return std::nullopt;
  return CannotBeHandled(resource, why);
}

Refusal AdmitCreate(Store& store, const ResourceInfo& resource, std::string_view namespace_,
                    Json& object) {
  if (Refusal refusal = CheckShape(resource, object)) return refusal;
  Json& metadata = object["metadata"];
  if (!TextAt(metadata, {"resourceVersion"}).empty()) {
    return BadRequest("resourceVersion should not be set on objects to be created");
  }
  if (Refusal refusal = CheckNamespace(store, resource, namespace_, metadata)) return refusal;
  if (Refusal refusal = NameObject(store, resource, metadata)) return refusal;
  ResetStatus(resource, object);
  SetNamespaceLabel(resource, object);
  DefaultStorage(resource, object);
  std::vector<ErrorCause> causes = CheckMetadataValues(resource, object);
  if (&resource == &PodResource()) {
    if (Refusal refusal = AdmitPodCreate(store, object, causes)) return refusal;
  }
  if (causes.empty()) return std::nullopt;
  return Invalid(resource, TextAt(metadata, {"name"}), std::move(causes));
}

Refusal AdmitUpdate(const Store& store, const ResourceInfo& resource, Part part,
                    const Json& current, Json& object) {
  if (Refusal refusal = CheckShape(resource, object)) return refusal;
  SetNamespaceLabel(resource, object);
  const std::string_view name = TextAt(current, {"metadata", "name"});
  if (resource.has_status) {
    // Each endpoint writes its own half; metadata belongs to both.
    const char* const kept = part == Part::kStatus ? "spec" : "status";
    if (const Json* old = Find(current, {kept})) {
      object[kept] = *old;
    } else {
      object.erase(kept);
    }
  }
  std::vector<ErrorCause> causes = CheckMetadataValues(resource, object);
  if (&resource == &PodResource()) {
    if (part == Part::kMain) {
      AdmitPodUpdate(current, object, causes);
    } else {
      AdmitPodStatus(store, current, object);
    }
  }
  if (causes.empty()) return std::nullopt;
  return Invalid(resource, name, std::move(causes));
}

}  // namespace heat_scheduler::cluster
