// Claims that are bound on the way: the live driver against the embedded API and its controller of
// volumes.
#include <string>

#include "cluster/json.h"
#include "cluster/volume_controller.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/live/live_cluster.h"

namespace heat_scheduler {
namespace claims_test {

using nlohmann::json;

const cluster::WriteContext kTest = {"test", "test"};

// Boards of which n1 is the coolest; a class "made" with a provisioner, and "static" without.
class ClaimsTest : public ::testing::Test {
 protected:
  ClaimsTest() {
    for (const auto& [node, celsius] : {std::pair("n1", "20"), std::pair("n2", "30")}) {
      live_.AddNode(node, celsius);
      const auto labelled = live_.server().registry().Patch(
          {&cluster::NodeResource(), "", node}, cluster::Part::kMain, cluster::PatchType::kMerge,
          {{"metadata", {{"labels", {{"kubernetes.io/hostname", node}}}}}}, kTest);
      EXPECT_TRUE(labelled.ok());
    }
    for (const auto& [name, provisioner] : {std::pair("made", "csi.example.com"),
                                            std::pair("static", "kubernetes.io/no-provisioner")}) {
      Create(cluster::StorageClassResource(), {{"metadata", {{"name", name}}},
                                               {"provisioner", provisioner},
                                               {"volumeBindingMode", "WaitForFirstConsumer"}});
    }
  }

  void Create(const cluster::ResourceInfo& resource, const json& document) {
    const auto made = live_.server().registry().Create(
        resource, resource.namespaced ? "default" : "", document, kTest);
    ASSERT_TRUE(made.ok()) << made.error().message;
  }
  // Adds a volume that n2 alone reaches.
  void AddVolume(const std::string& name) {
    json volume = json::parse(R"({"spec": {
        "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"],
        "storageClassName": "static",
        "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [
            {"key": "kubernetes.io/hostname", "operator": "In", "values": ["n2"]}]}]}}}})");
    volume["metadata"]["name"] = name;
    Create(cluster::PersistentVolumeResource(), volume);
  }
  // Adds a pod and its claim, both of that name.
  void AddPod(const std::string& name, const std::string& storage_class) {
    Create(cluster::PersistentVolumeClaimResource(),
           {{"metadata", {{"name", name}}},
            {"spec",
             {{"accessModes", {"ReadWriteOnce"}},
              {"storageClassName", storage_class},
              {"resources", {{"requests", {{"storage", "1Gi"}}}}}}}});
    json pod = json::parse(R"({"spec": {"schedulerName": "heat-scheduler",
        "containers": [{"name": "c", "image": "busybox"}],
        "volumes": [{"name": "data", "persistentVolumeClaim": {}}]}})");
    pod["metadata"]["name"] = name;
    pod["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"] = name;
    Create(cluster::PodResource(), pod);
  }
  std::string VolumeOf(const std::string& claim) {
    const auto found =
        live_.server().store().Get(cluster::PersistentVolumeClaimResource(), "default", claim);
    return std::string(cluster::TextAt(found->json(), {"spec", "volumeName"}));
  }

  LiveCluster live_;
  bool provisioning_fails_ = false;
  cluster::VolumeController controller_{
      live_.loop(), live_.server().registry(), {.fails = [this] { return provisioning_fails_; }}};
};

TEST_F(ClaimsTest, APodGoesWhereItsVolumeIsOrWillBe) {
  AddVolume("v1");
  AddVolume("v2");
  AddPod("stays", "static");
  AddPod("moves", "made");
  live_.StartScheduler();
  ASSERT_TRUE(live_.UntilBound("stays"));
  ASSERT_TRUE(live_.UntilBound("moves"));
  EXPECT_EQ(live_.NodeOf("stays"), "n2");
  EXPECT_EQ(VolumeOf("stays"), "v1");
  EXPECT_EQ(live_.NodeOf("moves"), "n1");
  EXPECT_THAT(VolumeOf("moves"), testing::StartsWith("pvc-"));
  EXPECT_EQ(live_.metrics().volume_writes.Get({"written"}), 2);
  EXPECT_EQ(live_.metrics().volume_stage_errors.Get({"bind"}), 0);
}

TEST_F(ClaimsTest, AnAttemptThatEndsInPreBindIsCounted) {
  provisioning_fails_ = true;
  AddPod("a", "made");
  live_.StartScheduler();
  const auto& attempts = live_.metrics().schedule_attempts;
  ASSERT_TRUE(live_.Until([&] { return attempts.Get({"error", "heat-scheduler"}) == 1; }));
  const auto& points = live_.metrics().extension_point_duration;
  EXPECT_EQ(points.Count({"PreBind", "Error", "heat-scheduler"}), 1u);
  EXPECT_EQ(points.Count({"Bind", "Success", "heat-scheduler"}), 0u);

  provisioning_fails_ = false;
  ASSERT_TRUE(live_.UntilBound("a"));
  ASSERT_TRUE(live_.Until([&] { return attempts.Get({"scheduled", "heat-scheduler"}) == 1; }));
  EXPECT_EQ(attempts.Get({"error", "heat-scheduler"}), 1);
  EXPECT_EQ(points.Count({"PreBind", "Success", "heat-scheduler"}), 1u);
  EXPECT_EQ(points.Count({"Bind", "Success", "heat-scheduler"}), 1u);
  EXPECT_EQ(live_.metrics().scheduling_attempt_duration.Count({"error", "heat-scheduler"}), 1u);
}

TEST_F(ClaimsTest, NoVolumeIsGivenTwice) {
  for (const char* name : {"v1", "v2", "v3"}) AddVolume(name);
  live_.StartScheduler();
  for (const char* name : {"a", "b", "c", "d"}) AddPod(name, "static");
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 3; }));
  live_.loop().RunFor(absl::Minutes(1));
  EXPECT_EQ(live_.BoundPods(), 3u);
  AddVolume("v4");
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 4; }));
}

TEST_F(ClaimsTest, LostAnswersAreNoHarm) {
  AddVolume("v1");
  AddPod("a", "static");
  AddPod("b", "made");
  int lost = 0;
  live_.SetFaults([&lost](const net::HttpRequest& request) {
    const bool strikes = request.method == "PATCH" &&
                         request.target.find("/persistentvolume") != std::string::npos &&
                         ++lost <= 3;
    return strikes ? FaultPlan{.fate = FaultPlan::Fate::kLoseReply} : FaultPlan{};
  });
  live_.StartScheduler();
  ASSERT_TRUE(live_.UntilBound("a"));
  ASSERT_TRUE(live_.UntilBound("b"));
  EXPECT_GE(lost, 3);
  EXPECT_EQ(live_.metrics().volume_writes.Get({"failed"}), 0);
}

TEST_F(ClaimsTest, TheNextStartGoesOnWhereACrashCameBetween) {
  AddVolume("v1");
  AddPod("a", "static");
  AddPod("b", "made");
  // The scheduler dies once its first write has reached the server.
  bool written = false;
  live_.SetTap([&written](const net::HttpRequest& request, const auto&) {
    if (request.method != "PATCH" ||
        request.target.find("/persistentvolume") == std::string::npos) {
      return false;
    }
    written = true;
    return false;
  });
  live_.StartScheduler();
  ASSERT_TRUE(live_.Until([&written] { return written; }));
  live_.KillScheduler();
  live_.StartScheduler();
  ASSERT_TRUE(live_.UntilBound("a"));
  ASSERT_TRUE(live_.UntilBound("b"));
  EXPECT_EQ(VolumeOf("a"), "v1");
}

TEST_F(ClaimsTest, ADryRunCountsClaimsAsBoundAndWritesNothing) {
  AddVolume("v1");
  live_.loop().RunFor(absl::Seconds(1));  // Until it is available.
  live_.options.dry_run = true;
  AddPod("a", "static");
  AddPod("b", "static");
  live_.StartScheduler();
  const auto& attempts = live_.metrics().schedule_attempts;
  ASSERT_TRUE(live_.Until([&attempts] {
    return attempts.Get({"scheduled", "heat-scheduler"}) == 1 &&
           attempts.Get({"unschedulable", "heat-scheduler"}) == 1;
  }));
  EXPECT_EQ(live_.Requests("PATCH", ""), 0u);
  EXPECT_EQ(live_.metrics().volume_stage_errors.Get({"bind"}), 0);
}

}  // namespace claims_test
}  // namespace heat_scheduler
