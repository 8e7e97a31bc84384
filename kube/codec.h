// Turns API documents into objects and back. The decoder is an interface: JSON today; Kubernetes'
// protobuf can be put beside it without a change for anyone who decodes.
//
// A document that cannot be read gives InvalidArgument that names kind, object and field
// ("Pod default/web: spec.containers[0].resources.requests.cpu: ..."), and harms nothing else.
// Unknown fields are ignored; null is the same as absent; of a key given twice the last one holds.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kube/objects.h"

namespace heat_scheduler::kube {

// Every kind that scheduling watches or writes.
enum class Kind {
  kPod,
  kNode,
  kNamespace,
  kPodDisruptionBudget,
  kPersistentVolume,
  kPersistentVolumeClaim,
  kStorageClass,
  kCsiNode,
  kCsiDriver,
  kCsiStorageCapacity,
  kVolumeAttachment,
  kPriorityClass,
  kService,
  kReplicationController,
  kReplicaSet,
  kStatefulSet,
  kLease,
  kEvent,
};

// Returns "Pod", "CSINode", ...
std::string_view KindName(Kind kind);

// One decoded object, shared and immutable.
template <typename T>
using Ref = std::shared_ptr<const T>;
using Object =
    std::variant<Ref<Pod>, Ref<Node>, Ref<Namespace>, Ref<PodDisruptionBudget>,
                 Ref<PersistentVolume>, Ref<PersistentVolumeClaim>, Ref<StorageClass>, Ref<CsiNode>,
                 Ref<CsiDriver>, Ref<CsiStorageCapacity>, Ref<VolumeAttachment>, Ref<PriorityClass>,
                 Ref<Service>, Ref<ReplicationController>, Ref<ReplicaSet>, Ref<StatefulSet>,
                 Ref<Lease>, Ref<Event>>;

// Returns the metadata of whatever the object is.
const ObjectMeta& MetadataOf(const Object& object);

// A page of a list. Items that could not be decoded are in `errors`; the others are unharmed.
struct ListPage {
  std::vector<Object> items;
  std::string resource_version;
  std::string continue_token;  // Empty: the last page.
  // What is known of each item that could not be decoded, so that it is not taken for deleted.
  struct BadItem {
    std::string namespace_, name, uid;
    absl::Status error;
  };
  std::vector<BadItem> errors;
};

// metav1.Status: what the API server says of a failure.
struct ApiStatus {
  int code = 0;
  std::string reason;  // "NotFound", "Conflict", "Expired", ...
  std::string message;
  int retry_after_seconds = 0;
};

enum class WatchEventType { kAdded, kModified, kDeleted, kBookmark, kError };

struct WatchEvent {
  WatchEventType type = WatchEventType::kAdded;
  Object object;                    // kAdded, kModified, kDeleted.
  std::string resource_version;     // Of the object or the bookmark.
  bool initial_events_end = false;  // Bookmark with annotation k8s.io/initial-events-end.
  ApiStatus status;                 // kError.
  // Set when the object could not be decoded: type and resource_version hold, `object` does not.
  absl::Status object_error;
  ListPage::BadItem bad_item;
};

class Decoder {
 public:
  virtual ~Decoder() = default;

  // The media type to ask for, "application/json".
  virtual std::string_view media_type() const = 0;

  // Decodes one object of the given kind.
  virtual absl::StatusOr<Object> DecodeObject(Kind kind, std::string_view document) = 0;

  // Decodes one page of a list; fails only when the page itself is unreadable.
  virtual absl::StatusOr<ListPage> DecodeList(Kind kind, std::string_view document) = 0;

  // Decodes one watch event (a line of the stream); fails only when the frame itself is unreadable.
  virtual absl::StatusOr<WatchEvent> DecodeWatchEvent(Kind kind, std::string_view line) = 0;

  // Decodes metav1.Status; what is absent stays empty.
  virtual ApiStatus DecodeStatus(std::string_view document) = 0;
};

// Returns the JSON decoder: simdjson inside, its buffers reused. Thread-compatible: one per thread.
std::unique_ptr<Decoder> MakeJsonDecoder();

// JSON documents that schedulers write, of v1, events.k8s.io/v1 and coordination.k8s.io/v1. What is
// empty is left out, but for a lease's holder; bytes that are no UTF-8 become U+FFFD.
std::string EncodeBinding(const Binding& binding);
std::string EncodeEvent(const Event& event);
std::string EncodeLease(const Lease& lease);

}  // namespace heat_scheduler::kube
