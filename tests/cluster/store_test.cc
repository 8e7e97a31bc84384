#include "cluster/store.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "tests/cluster/test_server.h"

namespace heat_scheduler::cluster {
namespace store_test {

using ::testing::ElementsAre;

const WriteContext kWriter{"test", "create"};

const ResourceInfo& ConfigMaps() { return *FindResource("", "v1", "configmaps"); }

Json ConfigMap(std::string_view name, int value) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", name}, {"namespace", "default"}}},
          {"data", {{"value", value}}}};
}

std::vector<std::string> Names(const Store::Objects& objects) {
  std::vector<std::string> names;
  for (const auto& [key, document] : objects) names.push_back(key);
  return names;
}

TEST(Store, NumbersEveryWrite) {
  SimLoop loop;
  Store store(loop, {});
  EXPECT_EQ(store.resource_version(), 0);
  const auto made = store.Create(ConfigMaps(), ConfigMap("a", 1), kWriter);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ((*made)->resource_version(), 1);
  EXPECT_EQ(TextAt((*made)->json(), {"metadata", "resourceVersion"}), "1");
  EXPECT_EQ(TextAt((*made)->json(), {"metadata", "creationTimestamp"}), "2026-01-01T00:00:00Z");
  EXPECT_EQ(store.LastWrite(ConfigMaps()), 1);
  EXPECT_EQ(store.LastWrite(PodResource()), 0);
}

TEST(Store, EqualSeedsGiveEqualUids) {
  SimLoop loop;
  std::vector<std::string> uids;
  for (const std::uint64_t seed : {7, 7, 8}) {
    StoreOptions options;
    options.seed = seed;
    Store store(loop, options);
    const auto made = store.Create(ConfigMaps(), ConfigMap("a", 1), kWriter);
    uids.emplace_back(TextAt((*made)->json(), {"metadata", "uid"}));
  }
  EXPECT_EQ(uids[0], uids[1]);
  EXPECT_NE(uids[0], uids[2]);
  EXPECT_THAT(uids[0],
              ::testing::ContainsRegex(
                  "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"));
}

TEST(Store, RefusesAnUpdateOfAnOlderVersion) {
  SimLoop loop;
  Store store(loop, {});
  const auto first = store.Create(ConfigMaps(), ConfigMap("a", 1), kWriter);
  Json changed = (*first)->json();
  changed["data"]["value"] = 2;
  ASSERT_TRUE(store.Update(ConfigMaps(), changed, kWriter).ok());
  changed["data"]["value"] = 3;
  const auto refused = store.Update(ConfigMaps(), changed, kWriter);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, 409);
  EXPECT_EQ(refused.error().message,
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; "
            "please apply your changes to the latest version and try again");
  changed["metadata"].erase("resourceVersion");
  EXPECT_TRUE(store.Update(ConfigMaps(), changed, kWriter).ok());
}

TEST(Store, WritesNothingWhenNothingChanges) {
  SimLoop loop;
  Store store(loop, {});
  const auto first = store.Create(ConfigMaps(), ConfigMap("a", 1), kWriter);
  const auto again = store.Update(ConfigMaps(), (*first)->json(), kWriter);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, *first);
  EXPECT_EQ(store.resource_version(), 1);
}

TEST(Store, DryRunChangesNothing) {
  SimLoop loop;
  Store store(loop, {});
  WriteContext dry = kWriter;
  dry.dry_run = true;
  ASSERT_TRUE(store.Create(ConfigMaps(), ConfigMap("a", 1), dry).ok());
  EXPECT_EQ(store.resource_version(), 0);
  EXPECT_TRUE(store.All(ConfigMaps()).empty());
}

TEST(Store, RebuildsAnOlderStateFromTheHistory) {
  SimLoop loop;
  Store store(loop, {});
  store.Create(ConfigMaps(), ConfigMap("a", 1), kWriter);
  store.Create(ConfigMaps(), ConfigMap("b", 1), kWriter);
  store.Delete(ConfigMaps(), "default", "a", {}, kWriter);
  store.Create(ConfigMaps(), ConfigMap("c", 1), kWriter);
  EXPECT_THAT(Names(*store.AsOf(ConfigMaps(), 2)), ElementsAre("default/a", "default/b"));
  EXPECT_THAT(Names(*store.AsOf(ConfigMaps(), 3)), ElementsAre("default/b"));
  store.Compact();
  EXPECT_EQ(store.AsOf(ConfigMaps(), 3).error().code, 410);
  EXPECT_THAT(Names(*store.AsOf(ConfigMaps(), 4)), ElementsAre("default/b", "default/c"));
}

TEST(Store, BoundsItsHistory) {
  SimLoop loop;
  StoreOptions options;
  options.history.max_writes = 3;
  Store store(loop, options);
  for (int i = 0; i < 5; ++i) {
    store.Create(ConfigMaps(), ConfigMap(absl::StrCat("m", i), i), kWriter);
  }
  EXPECT_EQ(store.history().writes().size(), 3U);
  EXPECT_EQ(store.history().compacted(), 2);
}

TEST(Store, BoundsItsHistoryByBytes) {
  SimLoop loop;
  StoreOptions options;
  options.history.max_bytes = 1000;
  Store store(loop, options);
  Json big = ConfigMap("a", 1);
  big["data"]["text"] = std::string(600, 'x');
  store.Create(ConfigMaps(), big, kWriter);
  big["metadata"]["name"] = "b";
  store.Create(ConfigMaps(), big, kWriter);
  EXPECT_EQ(store.history().writes().size(), 1U);
  EXPECT_EQ(store.history().compacted(), 1);
}

TEST(Store, WaitsForFinalizers) {
  SimLoop loop;
  Store store(loop, {});
  Json held = ConfigMap("a", 1);
  held["metadata"]["finalizers"] = {"example.com/hold"};
  store.Create(ConfigMaps(), held, kWriter);
  const auto marked = store.Delete(ConfigMaps(), "default", "a", {}, kWriter);
  ASSERT_TRUE(marked.ok());
  EXPECT_FALSE(marked->gone);
  Json released = store.Get(ConfigMaps(), "default", "a")->json();
  EXPECT_EQ(TextAt(released, {"metadata", "deletionTimestamp"}), "2026-01-01T00:00:00Z");
  released["metadata"].erase("finalizers");
  ASSERT_TRUE(store.Update(ConfigMaps(), released, kWriter).ok());
  EXPECT_EQ(store.Get(ConfigMaps(), "default", "a"), nullptr);
  EXPECT_EQ(store.history().writes().back()->verb, WriteVerb::kDelete);
}

struct PreconditionCase {
  const char* name;
  DeleteOptions options;
  bool deletes;
};

class StorePreconditions : public ::testing::TestWithParam<PreconditionCase> {};

TEST_P(StorePreconditions, HoldBackADelete) {
  SimLoop loop;
  Store store(loop, {});
  store.Create(ConfigMaps(), ConfigMap("a", 1), kWriter);
  DeleteOptions options = GetParam().options;
  if (options.uid == "its") {
    options.uid = TextAt(store.Get(ConfigMaps(), "default", "a")->json(), {"metadata", "uid"});
  }
  const auto deleted = store.Delete(ConfigMaps(), "default", "a", options, kWriter);
  EXPECT_EQ(deleted.ok(), GetParam().deletes);
  if (!deleted.ok()) {
    EXPECT_EQ(deleted.error().code, 409);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, StorePreconditions,
                         ::testing::Values(PreconditionCase{"ItsUid", {{}, "its", ""}, true},
                                           PreconditionCase{"OtherUid", {{}, "x", ""}, false},
                                           PreconditionCase{"ItsVersion", {{}, "", "1"}, true},
                                           PreconditionCase{"OtherVersion", {{}, "", "9"}, false}),
                         [](const auto& row) { return row.param.name; });

// A write that an observer saw.
class Recorder final : public WriteObserver {
 public:
  void OnWrite(const WriteRef& write) override { writes.push_back(write); }
  std::vector<WriteRef> writes;
};

TEST(Store, TellsObserversEveryWriteInOrder) {
  SimLoop loop;
  Store store(loop, {});
  Recorder recorder;
  store.AddObserver(&recorder);
  store.Create(ConfigMaps(), ConfigMap("a", 1), {"kubectl", "create"});
  store.Update(ConfigMaps(), ConfigMap("a", 2), {"other", "update"});
  store.Delete(ConfigMaps(), "default", "a", {}, {"kubectl", "delete"});
  store.RemoveObserver(&recorder);
  store.Create(ConfigMaps(), ConfigMap("b", 1), kWriter);
  ASSERT_EQ(recorder.writes.size(), 3U);
  const Write& update = *recorder.writes[1];
  EXPECT_EQ(update.verb, WriteVerb::kUpdate);
  EXPECT_EQ(update.user_agent, "other");
  EXPECT_EQ(update.operation, "update");
  EXPECT_EQ(IntegerAt(update.before->json(), {"data", "value"}), 1);
  EXPECT_EQ(IntegerAt(update.after->json(), {"data", "value"}), 2);
  const Write& removal = *recorder.writes[2];
  EXPECT_EQ(removal.verb, WriteVerb::kDelete);
  EXPECT_EQ(removal.after->resource_version(), 3);
  EXPECT_EQ(TextAt(removal.after->json(), {"metadata", "resourceVersion"}), "3");
}

// Replaying the history over an empty set gives the present: what watchers rely on.
RC_GTEST_PROP(StoreHistory, ReplaysToThePresent, ()) {
  SimLoop loop;
  Store store(loop, {});
  std::vector<Store::Objects> states = {{}};
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 4), rc::gen::inRange(0, 3)));
  for (const auto& [object, action] : steps) {
    const std::string name = absl::StrCat("m", object);
    if (action == 0) {
      store.Create(ConfigMaps(), ConfigMap(name, 0), kWriter);
    } else if (action == 1) {
      store.Update(ConfigMaps(), ConfigMap(name, static_cast<int>(store.resource_version())),
                   kWriter);
    } else {
      store.Delete(ConfigMaps(), "default", name, {}, kWriter);
    }
    states.resize(static_cast<std::size_t>(store.resource_version()) + 1, store.All(ConfigMaps()));
  }
  for (std::size_t version = 0; version < states.size(); ++version) {
    const auto then = store.AsOf(ConfigMaps(), static_cast<std::int64_t>(version));
    RC_ASSERT(then.ok());
    RC_ASSERT(*then == states[version]);
  }
}

}  // namespace store_test
}  // namespace heat_scheduler::cluster
