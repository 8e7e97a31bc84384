#include "bench/object_maker.h"

#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/file_reader.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "kube/client/resources.h"
#include "kube/quantity.h"
#include "kube/yaml.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {

struct ObjectMaker::Draft {
  kube::Kind kind = kube::Kind::kPod;
  kube::Object object;
  std::string name;           // metadata.name, or empty ...
  std::string generate_name;  // ... and what is put before a number then.

  std::string NameAt(const Place& place) const {
    return name.empty() ? absl::StrCat(generate_name, place.op, "-", place.index) : name;
  }
};

struct ObjectMaker::Source {
  TextTemplate text;
  std::map<std::string, std::unique_ptr<Draft>> drafts;  // By rendered text.
};

namespace {

std::optional<kube::Kind> KindOf(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(kube::Kind::kEvent); ++i) {
    if (kube::KindName(static_cast<kube::Kind>(i)) == name) return static_cast<kube::Kind>(i);
  }
  return std::nullopt;
}

void Identify(kube::ObjectMeta& metadata, kube::Kind kind, std::string name,
              const std::string& namespace_) {
  metadata.name = std::move(name);
  metadata.namespace_ = kube::ResourceOf(kind).namespaced ? namespace_ : "";
  metadata.uid = absl::StrCat(ToAbsl(kube::KindName(kind)), "/", metadata.namespace_,
                              metadata.namespace_.empty() ? "" : "/", metadata.name);
}

// Returns a copy to be changed. Fails if the object is of another type.
template <typename T>
absl::StatusOr<std::shared_ptr<T>> CopyOf(const kube::Object& object, const std::string& path) {
  const auto* typed = std::get_if<kube::Ref<T>>(&object);
  if (typed != nullptr) return std::make_shared<T>(**typed);
  return absl::InvalidArgumentError(absl::StrCat(path, ": the manifest is of another kind"));
}

std::string TextAt(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

kube::Object CsiNodeOf(const CreateNodes& op, const std::string& node) {
  auto csi_node = std::make_shared<kube::CsiNode>();
  Identify(csi_node->metadata, kube::Kind::kCsiNode, node, "");
  for (const auto& [driver, count] : op.csi_allocatable) {
    csi_node->drivers.push_back({driver, node, {}, count});
  }
  return kube::Ref<kube::CsiNode>(std::move(csi_node));
}

}  // namespace

ObjectMaker::ObjectMaker(const Workload& workload)
    : params_(workload.params.begin(), workload.params.end()), decoder_(kube::MakeJsonDecoder()) {}

ObjectMaker::~ObjectMaker() = default;

absl::StatusOr<std::vector<kube::Object>> ObjectMaker::Node(const CreateNodes& op,
                                                            const Place& place) {
  ASSIGN_OR_RETURN(const Draft* draft, DraftOf(op.node_template, place));
  ASSIGN_OR_RETURN(std::shared_ptr<kube::Node> node,
                   CopyOf<kube::Node>(draft->object, op.node_template));
  const std::string name = draft->NameAt(place);
  Identify(node->metadata, kube::Kind::kNode, name, "");
  node->metadata.labels["kubernetes.io/hostname"] = name;
  if (!op.label_values.empty()) {
    node->metadata.labels[op.label_key] =
        op.label_values[static_cast<std::size_t>(place.index) % op.label_values.size()];
  }
  for (const auto& [resource, text] : op.allocatable) {
    ASSIGN_OR_RETURN(const kube::Quantity quantity, kube::Quantity::Parse(text));
    node->allocatable[resource] = quantity;
  }
  std::vector<kube::Object> objects = {kube::Ref<kube::Node>(std::move(node))};
  if (!op.csi_allocatable.empty()) objects.push_back(CsiNodeOf(op, name));
  return objects;
}

absl::StatusOr<std::vector<kube::Object>> ObjectMaker::Pod(const CreatePods& op, const Place& place,
                                                           const std::string& namespace_) {
  ASSIGN_OR_RETURN(const Draft* draft, DraftOf(op.pod_template, place));
  ASSIGN_OR_RETURN(std::shared_ptr<kube::Pod> pod,
                   CopyOf<kube::Pod>(draft->object, op.pod_template));
  Identify(pod->metadata, kube::Kind::kPod, draft->NameAt(place), namespace_);
  pod->status.phase = "Pending";
  std::vector<kube::Object> objects;
  if (!op.claim_template.empty()) {
    const std::string claim_name = pod->metadata.name + "-claim";
    const std::string volume_name = absl::StrCat(namespace_, "-", claim_name);
    kube::Volume mounted;
    mounted.name = "vol";
    mounted.claim_name = claim_name;
    pod->spec->volumes = {std::move(mounted)};

    ASSIGN_OR_RETURN(const Draft* claim_draft, DraftOf(op.claim_template, place));
    ASSIGN_OR_RETURN(std::shared_ptr<kube::PersistentVolumeClaim> claim,
                     CopyOf<kube::PersistentVolumeClaim>(claim_draft->object, op.claim_template));
    Identify(claim->metadata, kube::Kind::kPersistentVolumeClaim, claim_name, namespace_);
    claim->volume_name = volume_name;
    claim->phase = "Bound";

    ASSIGN_OR_RETURN(const Draft* volume_draft, DraftOf(op.volume_template, place));
    ASSIGN_OR_RETURN(std::shared_ptr<kube::PersistentVolume> volume,
                     CopyOf<kube::PersistentVolume>(volume_draft->object, op.volume_template));
    Identify(volume->metadata, kube::Kind::kPersistentVolume, volume_name, "");
    volume->claim_namespace = namespace_;
    volume->claim_name = claim_name;
    volume->claim_uid = claim->metadata.uid;
    if (!volume->csi_driver.empty()) volume->csi_volume_handle = volume_name;
    volume->phase = "Bound";
    objects.push_back(kube::Ref<kube::PersistentVolumeClaim>(std::move(claim)));
    objects.push_back(kube::Ref<kube::PersistentVolume>(std::move(volume)));
  }
  objects.push_back(kube::Ref<kube::Pod>(std::move(pod)));
  return objects;
}

absl::StatusOr<kube::Object> ObjectMaker::Any(const std::string& path, const Place& place,
                                              const std::string& namespace_) {
  ASSIGN_OR_RETURN(const Draft* draft, DraftOf(path, place));
  return std::visit(
      [&]<typename T>(const kube::Ref<T>& known) -> kube::Object {
        auto object = std::make_shared<T>(*known);
        Identify(object->metadata, draft->kind, draft->NameAt(place), namespace_);
        return kube::Ref<T>(std::move(object));
      },
      draft->object);
}

absl::StatusOr<kube::Object> ObjectMaker::Namespace(const std::string& path,
                                                    const std::string& name) {
  auto made = std::make_shared<kube::Namespace>();
  if (!path.empty()) {
    ASSIGN_OR_RETURN(const Draft* draft, DraftOf(path, Place()));
    ASSIGN_OR_RETURN(made, CopyOf<kube::Namespace>(draft->object, path));
  }
  Identify(made->metadata, kube::Kind::kNamespace, name, "");
  made->metadata.labels["kubernetes.io/metadata.name"] = name;
  return kube::Ref<kube::Namespace>(std::move(made));
}

absl::StatusOr<const ObjectMaker::Draft*> ObjectMaker::DraftOf(const std::string& path,
                                                               const Place& place) {
  std::unique_ptr<Source>& source = sources_[path];
  if (source == nullptr) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
    ASSIGN_OR_RETURN(TextTemplate parsed, TextTemplate::Parse(text, path));
    source = std::make_unique<Source>(Source{std::move(parsed), {}});
  }
  if (source->text.constant() && !source->drafts.empty()) {
    return source->drafts.begin()->second.get();
  }
  TemplateVariables variables = params_;
  variables["Index"] = place.index;
  variables["Count"] = place.count;
  variables["Version"] = place.version;
  ASSIGN_OR_RETURN(const std::string text, source->text.Render(variables));
  std::unique_ptr<Draft>& draft = source->drafts[text];
  if (draft == nullptr) {
    ASSIGN_OR_RETURN(draft, Decode(text, path));
  }
  return draft.get();
}

absl::StatusOr<std::unique_ptr<ObjectMaker::Draft>> ObjectMaker::Decode(const std::string& text,
                                                                        const std::string& path) {
  ASSIGN_OR_RETURN(std::vector<nlohmann::json> documents, kube::ParseManifests(text, path));
  if (documents.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": want one manifest"));
  }
  nlohmann::json& document = documents.front();
  const std::string kind_name = document["kind"];
  const std::optional<kube::Kind> kind = KindOf(kind_name);
  if (!kind) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": the scheduler reads no ", Quoted(kind_name)));
  }
  auto draft = std::make_unique<Draft>();
  draft->kind = *kind;
  nlohmann::json& metadata = document["metadata"];
  if (!metadata.is_object()) metadata = nlohmann::json::object();
  draft->name = TextAt(metadata, "name");
  draft->generate_name = TextAt(metadata, "generateName");
  // The decoder refuses what has no name.
  if (draft->name.empty()) metadata["name"] = "unnamed";
  absl::StatusOr<kube::Object> object = decoder_->DecodeObject(*kind, document.dump());
  if (!object.ok()) return Annotate(object.status(), path);
  draft->object = *std::move(object);
  return draft;
}

}  // namespace heat_scheduler
