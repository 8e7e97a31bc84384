// A reflector of pods on a simulated network, whose handler writes a line for each call.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kube/client/reflector.h"
#include "tests/client/client_fixture.h"

namespace heat_scheduler::kube {

// Lines: "upsert a u1 5", "delete a u1 5", "synced", "bad default/a". Troubles are kept apart.
class RecordingHandler final : public ReflectorHandler {
 public:
  void OnUpsert(const Object& object) override { Note("upsert ", object); }
  void OnDelete(const Object& last_known) override { Note("delete ", last_known); }
  void OnSynced() override { log.push_back("synced"); }
  void OnBadObject(Kind, const std::string& key, const absl::Status&) override {
    log.push_back("bad " + key);
  }
  void OnTrouble(Kind, const absl::Status& error) override {
    troubles.emplace_back(error.message());
  }

  // Returns what was noted since the last call.
  std::vector<std::string> Take() { return std::exchange(log, {}); }

  std::vector<std::string> log;
  std::vector<std::string> troubles;

 private:
  void Note(const std::string& what, const Object& object) {
    const ObjectMeta& meta = MetadataOf(object);
    log.push_back(what + meta.name + " " + meta.uid + " " + meta.resource_version);
  }
};

class ReflectorFixture : public ClientFixture {
 protected:
  static constexpr const char* kFirstPage = "/api/v1/pods?limit=500";

  // The target of a watch from a version; its time is random.
  static std::string WatchFrom(const std::string& version) {
    return "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=" + version +
           "&timeoutSeconds=*";
  }

  // Expects a list of these items at `version`, followed by a watch on stream_.
  void ExpectListAndWatch(const std::string& version, const std::vector<std::string>& items) {
    server_.Expect("GET", kFirstPage, Reply(200, ListJson(version, items)));
    server_.Expect("GET", WatchFrom(version), stream_.Open());
  }

  // Starts it with such a list and forgets what that gave.
  void StartWith(const std::string& version, const std::vector<std::string>& items) {
    ExpectListAndWatch(version, items);
    reflector_.Start();
    ASSERT_TRUE(loop_.RunUntil([&] { return reflector_.watching(); }, absl::Seconds(5)));
    handler_.Take();
  }

  // Sends events one by one.
  void SendEvents(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) stream_.WriteLine(line);
    loop_.RunFor(absl::Milliseconds(10));
  }

  // Runs until the script is at its end and the watch is open again.
  void RunUntilWatching() {
    EXPECT_TRUE(loop_.RunUntil([&] { return server_.remaining() == 0 && reflector_.watching(); },
                               absl::Minutes(10)))
        << "last error: " << reflector_.last_error();
  }

  ApiClient client_{transport_, loop_, *decoder_, Options()};
  RecordingHandler handler_;
  Reflector reflector_{client_, loop_, {.selection = {.kind = Kind::kPod}}, handler_};
  ScriptedStream stream_;
};

}  // namespace heat_scheduler::kube
