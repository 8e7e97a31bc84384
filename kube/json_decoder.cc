#include <simdjson.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "kube/codec.h"
#include "kube/documents.h"
#include "kube/json_fields.h"
#include "kube/json_reader.h"

namespace heat_scheduler::kube {
namespace {

using Value = JsonReader::Value;

constexpr std::size_t kMaxDepth = 128;
// Buffers that a larger document made are given back after it.
constexpr std::size_t kKeptBytes = 16 << 20;

// What can be told of an object whatever else is wrong with it.
ListPage::BadItem IdentityOf(Value value) {
  ListPage::BadItem identity;
  if (const std::optional<Value> metadata = FindField(value, "metadata")) {
    identity.namespace_ = FindText(*metadata, "namespace");
    identity.name = FindText(*metadata, "name");
    identity.uid = FindText(*metadata, "uid");
  }
  return identity;
}

std::string_view ResourceVersionOf(Value value) {
  const std::optional<Value> metadata = FindField(value, "metadata");
  return metadata ? FindText(*metadata, "resourceVersion") : std::string_view();
}

// Returns "Pod default/web", as much of it as is known.
std::string Describe(Kind kind, const ListPage::BadItem& identity) {
  return absl::StrCat(ToAbsl(KindName(kind)),
                      identity.name.empty() && identity.namespace_.empty() ? "" : " ",
                      absl::CEscape(identity.namespace_), identity.namespace_.empty() ? "" : "/",
                      absl::CEscape(identity.name));
}

void AppendField(std::string_view key, Value value, std::string& out) {
  if (out.back() != '{') out += ',';
  out += '"';
  AppendJsonEscaped(out, key);
  absl::StrAppend(&out, "\":", simdjson::minify(value));
}

// Returns the document of an object without what kube-scheduler does not hand on either.
std::string DocumentOf(Value value) {
  std::string out = "{";
  for (const auto [key, field] : value.get_object()) {
    simdjson::dom::object metadata;
    if (key != "metadata" || field.get(metadata) != simdjson::SUCCESS) {
      AppendField(key, field, out);
      continue;
    }
    std::string kept = "{";
    for (const auto [part, content] : metadata) {
      if (part != "managedFields") AppendField(part, content, kept);
    }
    absl::StrAppend(&out, out.back() == '{' ? "" : ",", "\"metadata\":", kept, "}");
  }
  out += '}';
  return out;
}

template <typename T>
bool DecodeAs(JsonReader& in, const DocumentOptions& keep, Value value, Object& object) {
  auto decoded = std::make_shared<T>();
  if (!Decode(in, value, *decoded)) return false;
  if (decoded->metadata.name.empty()) return in.FailAt("metadata", "name is missing");
  if constexpr (std::is_same_v<T, Pod>) {
    if (keep.pending_pods && decoded->node_name.empty()) {
      object = WithDocument(std::move(*decoded), DocumentOf(value));
      return true;
    }
  } else if constexpr (std::is_same_v<T, Node>) {
    if (keep.nodes) {
      object = WithDocument(std::move(*decoded), DocumentOf(value));
      return true;
    }
  }
  object = Ref<T>(std::move(decoded));
  return true;
}

bool DecodeKind(JsonReader& in, const DocumentOptions& keep, Kind kind, Value value,
                Object& object) {
  if (!value.is_object()) return in.Fail("expected an object");
  switch (kind) {
    case Kind::kPod:
      return DecodeAs<Pod>(in, keep, value, object);
    case Kind::kNode:
      return DecodeAs<Node>(in, keep, value, object);
    case Kind::kNamespace:
      return DecodeAs<Namespace>(in, keep, value, object);
    case Kind::kPodDisruptionBudget:
      return DecodeAs<PodDisruptionBudget>(in, keep, value, object);
    case Kind::kPersistentVolume:
      return DecodeAs<PersistentVolume>(in, keep, value, object);
    case Kind::kPersistentVolumeClaim:
      return DecodeAs<PersistentVolumeClaim>(in, keep, value, object);
    case Kind::kStorageClass:
      return DecodeAs<StorageClass>(in, keep, value, object);
    case Kind::kCsiNode:
      return DecodeAs<CsiNode>(in, keep, value, object);
    case Kind::kCsiDriver:
      return DecodeAs<CsiDriver>(in, keep, value, object);
    case Kind::kCsiStorageCapacity:
      return DecodeAs<CsiStorageCapacity>(in, keep, value, object);
    case Kind::kVolumeAttachment:
      return DecodeAs<VolumeAttachment>(in, keep, value, object);
    case Kind::kPriorityClass:
      return DecodeAs<PriorityClass>(in, keep, value, object);
    case Kind::kService:
      return DecodeAs<Service>(in, keep, value, object);
    case Kind::kReplicationController:
      return DecodeAs<ReplicationController>(in, keep, value, object);
    case Kind::kReplicaSet:
      return DecodeAs<ReplicaSet>(in, keep, value, object);
    case Kind::kStatefulSet:
      return DecodeAs<StatefulSet>(in, keep, value, object);
    case Kind::kLease:
      return DecodeAs<Lease>(in, keep, value, object);
    case Kind::kEvent:
      return DecodeAs<Event>(in, keep, value, object);
  }
  HS_CHECK(false, "a kind outside its enumeration");
}

ApiStatus StatusOf(Value value) {
  ApiStatus status;
  JsonReader in;
  std::int32_t code = 0;
  if (const std::optional<Value> field = FindField(value, "code")) in.Int32(*field, code);
  status.code = code;
  status.reason = FindText(value, "reason");
  status.message = FindText(value, "message");
  if (const std::optional<Value> details = FindField(value, "details")) {
    std::int32_t seconds = 0;
    const std::optional<Value> field = FindField(*details, "retryAfterSeconds");
    if (field && in.Int32(*field, seconds)) status.retry_after_seconds = seconds;
  }
  return status;
}

class JsonDecoder final : public Decoder {
 public:
  explicit JsonDecoder(DocumentOptions keep) : keep_(keep) {}

  std::string_view media_type() const override { return "application/json"; }

  absl::StatusOr<Object> DecodeObject(Kind kind, std::string_view document) override {
    const Buffers buffers(*this, document.size());
    ASSIGN_OR_RETURN(const Value value, Parse(document, KindName(kind)));
    const std::string_view stated = FindText(value, "kind");
    if (!stated.empty() && stated != KindName(kind)) {
      return absl::InvalidArgumentError(
          absl::StrCat(ToAbsl(KindName(kind)), ": the document has kind ", Quoted(stated)));
    }
    Object object;
    if (!DecodeKind(Fresh(), keep_, kind, value, object)) return ErrorFor(kind, IdentityOf(value));
    return object;
  }

  absl::StatusOr<ListPage> DecodeList(Kind kind, std::string_view document) override {
    const Buffers buffers(*this, document.size());
    const std::string list = absl::StrCat(ToAbsl(KindName(kind)), "List");
    ASSIGN_OR_RETURN(const Value value, Parse(document, list));
    const std::string_view stated = FindText(value, "kind");
    if (!value.is_object() || (!stated.empty() && !absl::EndsWith(ToAbsl(stated), "List"))) {
      return absl::InvalidArgumentError(
          absl::StrCat(list, ": the document is no list, its kind is ", Quoted(stated)));
    }
    ListPage page;
    if (const std::optional<Value> metadata = FindField(value, "metadata")) {
      page.resource_version = FindText(*metadata, "resourceVersion");
      page.continue_token = FindText(*metadata, "continue");
    }
    const std::optional<Value> items = FindField(value, "items");
    if (!items) return page;
    simdjson::dom::array array;
    if (items->get(array) != simdjson::SUCCESS) {
      return absl::InvalidArgumentError(absl::StrCat(list, ": items: expected an array"));
    }
    page.items.reserve(array.size());
    for (const Value item : array) DecodeItem(kind, item, page);
    return page;
  }

  absl::StatusOr<WatchEvent> DecodeWatchEvent(Kind kind, std::string_view line) override {
    const Buffers buffers(*this, line.size());
    const std::string context = absl::StrCat("watch of ", ToAbsl(KindName(kind)));
    ASSIGN_OR_RETURN(const Value value, Parse(line, context));
    const std::string_view type = FindText(value, "type");
    const std::optional<Value> object = FindField(value, "object");
    if (type.empty() || !object) {
      return absl::InvalidArgumentError(
          absl::StrCat(context, ": the event lacks its type or its object"));
    }
    WatchEvent event;
    if (type == "ERROR") {
      event.type = WatchEventType::kError;
      event.status = StatusOf(*object);
      return event;
    }
    event.resource_version = ResourceVersionOf(*object);
    if (type == "BOOKMARK") {
      event.type = WatchEventType::kBookmark;
      event.initial_events_end = EndsInitialEvents(*object);
      return event;
    }
    if (type == "ADDED") {
      event.type = WatchEventType::kAdded;
    } else if (type == "MODIFIED") {
      event.type = WatchEventType::kModified;
    } else if (type == "DELETED") {
      event.type = WatchEventType::kDeleted;
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat(context, ": the event has the unknown type ", Quoted(type)));
    }
    if (!DecodeKind(Fresh(), keep_, kind, *object, event.object)) {
      event.bad_item = IdentityOf(*object);
      event.object_error = ErrorFor(kind, event.bad_item);
      event.bad_item.error = event.object_error;
    }
    return event;
  }

  ApiStatus DecodeStatus(std::string_view document) override {
    const Buffers buffers(*this, document.size());
    const absl::StatusOr<Value> value = Parse(document, "Status");
    if (!value.ok()) return {};
    return StatusOf(*value);
  }

 private:
  // Gives the buffers back at the end of a document that was larger than what is worth keeping.
  class Buffers {
   public:
    Buffers(JsonDecoder& decoder, std::size_t size) : decoder_(decoder), size_(size) {}
    ~Buffers() {
      if (size_ <= kKeptBytes) return;
      decoder_.parser_ = simdjson::dom::parser();
      decoder_.padded_ = std::string();
    }
    Buffers(const Buffers&) = delete;
    Buffers& operator=(const Buffers&) = delete;

   private:
    JsonDecoder& decoder_;
    const std::size_t size_;
  };

  // Returns the parsed document, which lives until the next one.
  absl::StatusOr<Value> Parse(std::string_view document, std::string_view context) {
    // The parser reads past the end, so that the text needs room after it. Growing by itself it
    // would forget the limit of the depth.
    simdjson::error_code error = simdjson::SUCCESS;
    if (parser_.capacity() < document.size() || parser_.max_depth() != kMaxDepth) {
      error = parser_.allocate(std::max<std::size_t>(document.size(), 4096), kMaxDepth);
    }
    Value value;
    if (error == simdjson::SUCCESS) {
      padded_.reserve(document.size() + simdjson::SIMDJSON_PADDING);
      padded_.assign(document);
      error = parser_.parse(padded_.data(), padded_.size(), false).get(value);
    }
    if (error == simdjson::SUCCESS) return value;
    return absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(context), ": the document of ", document.size(),
                     " bytes is no JSON that can be read: ", simdjson::error_message(error)));
  }

  JsonReader& Fresh() {
    reader_.Reset();
    return reader_;
  }

  absl::Status ErrorFor(Kind kind, const ListPage::BadItem& identity) const {
    return absl::InvalidArgumentError(
        absl::StrCat(Describe(kind, identity), ": ", reader_.error()));
  }

  void DecodeItem(Kind kind, Value item, ListPage& page) {
    Object object;
    if (DecodeKind(Fresh(), keep_, kind, item, object)) {
      page.items.push_back(std::move(object));
      return;
    }
    ListPage::BadItem bad = IdentityOf(item);
    bad.error = ErrorFor(kind, bad);
    page.errors.push_back(std::move(bad));
  }

  static bool EndsInitialEvents(Value object) {
    const std::optional<Value> metadata = FindField(object, "metadata");
    if (!metadata) return false;
    const std::optional<Value> annotations = FindField(*metadata, "annotations");
    return annotations && FindText(*annotations, "k8s.io/initial-events-end") == "true";
  }

  const DocumentOptions keep_;
  simdjson::dom::parser parser_;
  std::string padded_;
  JsonReader reader_;
};

}  // namespace

std::unique_ptr<Decoder> MakeJsonDecoder() {
  return std::make_unique<JsonDecoder>(DocumentOptions());
}

std::unique_ptr<Decoder> MakeDocumentKeepingDecoder(DocumentOptions options) {
  return std::make_unique<JsonDecoder>(options);
}

}  // namespace heat_scheduler::kube
