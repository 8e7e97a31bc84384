#include "cluster/volume_controller.h"

#include <string>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/cluster/test_server.h"

namespace heat_scheduler::cluster {
namespace volume_controller_test {

constexpr char kVolumes[] = "/api/v1/persistentvolumes";
constexpr char kClaims[] = "/api/v1/namespaces/default/persistentvolumeclaims";

// A server with a controller, the node n1, and classes "now" and "later" with a provisioner,
// "static" without.
class VolumeControllerTest : public ::testing::Test {
 protected:
  VolumeControllerTest() {
    server_.AddNode("n1");
    Patch("/api/v1/nodes/n1", R"({"metadata": {"labels": {"kubernetes.io/hostname": "host1"}}})");
    AddClass("now", "example.com", "Immediate");
    AddClass("later", "example.com", "WaitForFirstConsumer");
    AddClass("static", "kubernetes.io/no-provisioner", "WaitForFirstConsumer");
  }

  void Post(const std::string& target, const Json& document) {
    const Reply reply = server_.Call("POST", target, document);
    ASSERT_EQ(reply.status, 201) << reply.text;
  }
  void Patch(const std::string& target, const std::string& patch) {
    const Reply reply =
        server_.Call("PATCH", target, Json::parse(patch), "application/merge-patch+json");
    ASSERT_EQ(reply.status, 200) << reply.text;
  }
  void AddClass(const char* name, const char* provisioner, const char* mode) {
    Post("/apis/storage.k8s.io/v1/storageclasses", {{"metadata", {{"name", name}}},
                                                    {"provisioner", provisioner},
                                                    {"volumeBindingMode", mode}});
  }
  void AddVolume(const std::string& name, const std::string& size, const std::string& storage_class,
                 const Json& claim = nullptr) {
    Json volume = {{"metadata", {{"name", name}}},
                   {"spec",
                    {{"capacity", {{"storage", size}}},
                     {"accessModes", {"ReadWriteOnce"}},
                     {"storageClassName", storage_class}}}};
    if (!claim.is_null()) volume["spec"]["claimRef"] = claim;
    Post(kVolumes, volume);
  }
  void AddClaim(const std::string& name, const std::string& storage_class,
                const std::string& volume = "") {
    Json claim = {{"metadata", {{"name", name}}},
                  {"spec",
                   {{"resources", {{"requests", {{"storage", "2Gi"}}}}},
                    {"accessModes", {"ReadWriteOnce"}},
                    {"storageClassName", storage_class}}}};
    if (!volume.empty()) claim["spec"]["volumeName"] = volume;
    Post(kClaims, claim);
  }

  void Wait() { server_.loop().RunFor(absl::Seconds(2)); }
  Json Volume(const std::string& name) {
    return server_.Call("GET", absl::StrCat(kVolumes, "/", name)).body;
  }
  Json Claim(const std::string& name) {
    return server_.Call("GET", absl::StrCat(kClaims, "/", name)).body;
  }
  // "Bound to v", "Pending".
  std::string StateOf(const std::string& claim) {
    const Json json = Claim(claim);
    const std::string volume(TextAt(json, {"spec", "volumeName"}));
    return absl::StrCat(std::string(TextAt(json, {"status", "phase"})),
                        volume.empty() ? "" : " to ", volume);
  }
  std::string PhaseOf(const std::string& volume) {
    return std::string(TextAt(Volume(volume), {"status", "phase"}));
  }

  TestServer server_;
  bool fails_ = false;
  VolumeController controller_{
      server_.loop(), server_.server().registry(), {.fails = [this] { return fails_; }}};
};

TEST_F(VolumeControllerTest, BindsTheSmallestVolumeThatWillDo) {
  AddVolume("small", "1Gi", "");
  AddVolume("large", "9Gi", "");
  AddVolume("right", "3Gi", "");
  AddVolume("of-class", "2Gi", "now");
  Wait();
  EXPECT_EQ(PhaseOf("right"), "Available");
  AddClaim("data", "");
  Wait();
  EXPECT_EQ(StateOf("data"), "Bound to right");
  const Json volume = Volume("right");
  EXPECT_EQ(TextAt(volume, {"status", "phase"}), "Bound");
  EXPECT_EQ(TextAt(volume, {"spec", "claimRef", "uid"}),
            TextAt(Claim("data"), {"metadata", "uid"}));
  EXPECT_EQ(TextAt(volume, {"metadata", "annotations", "pv.kubernetes.io/bound-by-controller"}),
            "yes");
  EXPECT_EQ(TextAt(Claim("data"), {"metadata", "annotations", "pv.kubernetes.io/bind-completed"}),
            "yes");
  EXPECT_EQ(TextAt(Claim("data"), {"status", "capacity", "storage"}), "3Gi");
}

TEST_F(VolumeControllerTest, BindsWhatTheUserHasTiedTogether) {
  AddVolume("mine", "1Gi", "static", {{"namespace", "default"}, {"name", "data"}});
  AddVolume("named", "9Gi", "");
  AddClaim("data", "static");
  AddClaim("other", "", "named");
  Wait();
  EXPECT_EQ(StateOf("data"), "Bound to mine");
  EXPECT_EQ(StateOf("other"), "Bound to named");
  EXPECT_EQ(Find(Volume("mine"), {"metadata", "annotations"}), nullptr);
}

TEST_F(VolumeControllerTest, MakesVolumesAtOnceWhereTheClassSaysSo) {
  AddClaim("data", "now");
  AddClaim("without", "none");
  Wait();
  const std::string name =
      absl::StrCat("pvc-", std::string(TextAt(Claim("data"), {"metadata", "uid"})));
  EXPECT_EQ(StateOf("data"), absl::StrCat("Bound to ", name));
  EXPECT_EQ(StateOf("without"), "Pending");
  EXPECT_EQ(Find(Volume(name), {"spec", "nodeAffinity"}), nullptr);
}

TEST_F(VolumeControllerTest, WaitsForTheSchedulerWhereTheClassSaysSo) {
  AddVolume("free", "9Gi", "later");
  AddClaim("data", "later");
  AddClaim("lost", "later");
  Wait();
  EXPECT_EQ(StateOf("data"), "Pending");
  const std::string selected =
      R"({"metadata": {"annotations": {"volume.kubernetes.io/selected-node": ")";
  Patch(absl::StrCat(kClaims, "/data"), selected + R"(n1"}}})");
  Patch(absl::StrCat(kClaims, "/lost"), selected + R"(gone"}}})");
  Wait();
  const std::string name =
      absl::StrCat("pvc-", std::string(TextAt(Claim("data"), {"metadata", "uid"})));
  EXPECT_EQ(StateOf("data"), absl::StrCat("Bound to ", name));
  EXPECT_EQ(
      Volume(
          name)["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"][0]["matchExpressions"][0],
      Json::parse(R"({"key": "kubernetes.io/hostname", "operator": "In",
                            "values": ["host1"]})"));
  EXPECT_EQ(PhaseOf(name), "Bound");
  // A node that is not there: the scheduler is to choose anew.
  EXPECT_EQ(StateOf("lost"), "Pending");
  EXPECT_EQ(Find(Claim("lost"), {"metadata", "annotations", "volume.kubernetes.io/selected-node"}),
            nullptr);
}

TEST_F(VolumeControllerTest, AProvisionerThatFailsTakesTheNodeBack) {
  fails_ = true;
  AddClaim("data", "later");
  Patch(absl::StrCat(kClaims, "/data"),
        R"({"metadata": {"annotations": {"volume.kubernetes.io/selected-node": "n1"}}})");
  Wait();
  EXPECT_EQ(StateOf("data"), "Pending");
  EXPECT_EQ(Find(Claim("data"), {"metadata", "annotations", "volume.kubernetes.io/selected-node"}),
            nullptr);
}

TEST_F(VolumeControllerTest, BindsAVolumeThatASchedulerHasSetAside) {
  AddVolume("one", "9Gi", "static");
  AddVolume("two", "9Gi", "static");
  AddClaim("data", "static");
  Wait();
  const std::string uid(TextAt(Claim("data"), {"metadata", "uid"}));
  const std::string aside = absl::StrCat(
      R"({"metadata": {"annotations": {"pv.kubernetes.io/bound-by-controller": "yes"}},
          "spec": {"claimRef": {"namespace": "default", "name": "data", "uid": ")",
      uid, R"("}}})");
  Patch(absl::StrCat(kVolumes, "/two"), aside);
  Wait();
  EXPECT_EQ(StateOf("data"), "Bound to two");
  // One that comes too late is given back.
  Patch(absl::StrCat(kVolumes, "/one"), aside);
  Wait();
  EXPECT_EQ(Find(Volume("one"), {"spec", "claimRef"}), nullptr);
  EXPECT_EQ(PhaseOf("one"), "Available");
}

TEST_F(VolumeControllerTest, SeesToWhatIsLeftOver) {
  AddVolume("kept", "9Gi", "");
  AddClaim("data", "");
  AddClaim("made", "now");
  AddVolume("gone", "9Gi", "");
  AddClaim("lost", "", "gone");
  Wait();
  const std::string made =
      absl::StrCat("pvc-", std::string(TextAt(Claim("made"), {"metadata", "uid"})));
  server_.Call("DELETE", absl::StrCat(kClaims, "/data"));
  server_.Call("DELETE", absl::StrCat(kClaims, "/made"));
  server_.Call("DELETE", absl::StrCat(kVolumes, "/gone"));
  Wait();
  EXPECT_EQ(PhaseOf("kept"), "Released");
  EXPECT_EQ(server_.Call("GET", absl::StrCat(kVolumes, "/", made)).status, 404);
  Patch(absl::StrCat(kClaims, "/lost"), R"({"metadata": {"labels": {"a": "b"}}})");
  Wait();
  EXPECT_EQ(StateOf("lost"), "Lost to gone");
}

TEST_F(VolumeControllerTest, ShowsInTables) {
  AddVolume("kept", "9Gi", "");
  AddClaim("data", "");
  Wait();
  const auto cells = [this](const std::string& target) {
    return server_
        .CallText("GET", target, "",
                  {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}})
        .body["rows"][0]["cells"];
  };
  EXPECT_EQ(cells(kVolumes), Json({"kept", "9Gi", "RWO", "Retain", "Bound", "default/data", "",
                                   "<unset>", "", "2s", "Filesystem"}));
  EXPECT_EQ(cells(kClaims),
            Json({"data", "Bound", "kept", "9Gi", "RWO", "", "<unset>", "2s", "Filesystem"}));
  EXPECT_EQ(cells("/apis/storage.k8s.io/v1/storageclasses"),
            Json({"later", "example.com", "Delete", "WaitForFirstConsumer", "false", "2s"}));
}

}  // namespace volume_controller_test
}  // namespace heat_scheduler::cluster
