#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kube/codec.h"

namespace heat_scheduler::kube {
namespace json_encoder_test {

using nlohmann::json;

const absl::Time kTime = absl::FromUnixMicros(1'795'255'740'123'456);
constexpr char kTimeText[] = "2026-11-21T10:09:00.123456Z";

TEST(EncodeBinding, CarriesTheUidAsPrecondition) {
  Binding binding;
  binding.metadata.name = "web";
  binding.metadata.namespace_ = "shop";
  binding.metadata.uid = "u1";
  binding.target_node = "n1";
  EXPECT_EQ(json::parse(EncodeBinding(binding)), json::parse(R"({
    "apiVersion": "v1", "kind": "Binding",
    "metadata": {"name": "web", "namespace": "shop", "uid": "u1"},
    "target": {"apiVersion": "v1", "kind": "Node", "name": "n1"}})"));
}

Event ScheduledEvent() {
  Event event;
  event.metadata.name = "web.1";
  event.metadata.namespace_ = "shop";
  event.regarding = {"Pod", "v1", "shop", "web", "u1", "7"};
  event.type = "Normal";
  event.reason = "Scheduled";
  event.action = "Binding";
  event.note = "Successfully assigned shop/web to n1";
  event.reporting_controller = "heat-scheduler";
  event.reporting_instance = "heat-scheduler-0";
  event.event_time = kTime;
  return event;
}

TEST(EncodeEvent, WritesTheEventsGroup) {
  EXPECT_EQ(json::parse(EncodeEvent(ScheduledEvent())), json::parse(R"({
    "apiVersion": "events.k8s.io/v1", "kind": "Event",
    "metadata": {"name": "web.1", "namespace": "shop"},
    "regarding": {"kind": "Pod", "apiVersion": "v1", "namespace": "shop", "name": "web",
                  "uid": "u1", "resourceVersion": "7"},
    "type": "Normal", "reason": "Scheduled", "action": "Binding",
    "note": "Successfully assigned shop/web to n1",
    "reportingController": "heat-scheduler", "reportingInstance": "heat-scheduler-0",
    "eventTime": "2026-11-21T10:09:00.123456Z"})"));
}

TEST(EncodeEvent, WritesASeries) {
  Event event = ScheduledEvent();
  event.series_count = 2;
  event.series_last_observed_time = kTime;
  EXPECT_EQ(json::parse(EncodeEvent(event))["series"],
            json({{"count", 2}, {"lastObservedTime", kTimeText}}));
}

TEST(EncodeEvent, ReplacesBytesThatAreNoUtf8) {
  Event event = ScheduledEvent();
  event.note = "cut \xE2\x82";
  EXPECT_EQ(json::parse(EncodeEvent(event))["note"], "cut \uFFFD");
}

TEST(EncodeEvent, IsReadBackAsItWas) {
  Event event = ScheduledEvent();
  event.series_count = 3;
  event.series_last_observed_time = kTime;
  const absl::StatusOr<Object> object =
      MakeJsonDecoder()->DecodeObject(Kind::kEvent, EncodeEvent(event));
  ASSERT_TRUE(object.ok()) << object.status();
  EXPECT_EQ(EncodeEvent(*std::get<Ref<Event>>(*object)), EncodeEvent(event));
}

Lease HeldLease() {
  Lease lease;
  lease.metadata.name = "heat-scheduler";
  lease.metadata.namespace_ = "kube-system";
  lease.metadata.uid = "u1";
  lease.metadata.resource_version = "12";
  lease.metadata.labels = {{"app", "heat"}};
  lease.metadata.annotations = {{"note", "kept"}};
  *lease.metadata.owner_references = {{"apps/v1", "Deployment", "heat", "u2", true}};
  lease.holder_identity = "a";
  lease.lease_duration_seconds = 15;
  lease.acquire_time = kTime;
  lease.renew_time = kTime + absl::Seconds(2);
  lease.lease_transitions = 3;
  return lease;
}

TEST(EncodeLease, WritesMicroseconds) {
  EXPECT_EQ(json::parse(EncodeLease(HeldLease())), json::parse(R"({
    "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
    "metadata": {"name": "heat-scheduler", "namespace": "kube-system", "uid": "u1",
                 "resourceVersion": "12", "labels": {"app": "heat"},
                 "annotations": {"note": "kept"},
                 "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment",
                                      "name": "heat", "uid": "u2", "controller": true}]},
    "spec": {"holderIdentity": "a", "leaseDurationSeconds": 15, "leaseTransitions": 3,
             "acquireTime": "2026-11-21T10:09:00.123456Z",
             "renewTime": "2026-11-21T10:09:02.123456Z"}})"));
}

TEST(EncodeLease, IsReadBackAsItWas) {
  const absl::StatusOr<Object> object =
      MakeJsonDecoder()->DecodeObject(Kind::kLease, EncodeLease(HeldLease()));
  ASSERT_TRUE(object.ok()) << object.status();
  EXPECT_EQ(EncodeLease(*std::get<Ref<Lease>>(*object)), EncodeLease(HeldLease()));
}

TEST(EncodeLease, OfNoHolderSaysSo) {
  Lease lease = HeldLease();
  lease.holder_identity.clear();
  EXPECT_EQ(json::parse(EncodeLease(lease))["spec"]["holderIdentity"], "");
}

}  // namespace json_encoder_test
}  // namespace heat_scheduler::kube
