#include "live/informers.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/random.h"
#include "base/strings.h"
#include "kube/client/resources.h"
#include "live/log.h"

namespace heat_scheduler {
namespace {

std::string ResourceName(kube::Kind kind) { return std::string(kube::ResourceOf(kind).plural); }

// What was seen of an object, for the log at debug level. Of nodes with their annotations, among
// which are the readings.
void LogObject(const char* what, kube::Kind kind, const kube::Object& object) {
  if (!LogEnabled(kLogDebug)) return;
  const kube::ObjectMeta& meta = kube::MetadataOf(object);
  const bool is_node = kind == kube::Kind::kNode;
  LogInfo(kLogDebug, what,
          {{"kind", kube::KindName(kind)},
           {"object", kube::KeyOf(meta)},
           {"resourceVersion", meta.resource_version},
           {"annotations",
            is_node ? absl::StrJoin(meta.annotations, ",", absl::PairFormatter("=")) : ""}});
}

}  // namespace

// One reflector and the handler that it calls.
class Informers::Informer final : public kube::ReflectorHandler {
 public:
  Informer(Informers& owner, net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics,
           kube::Kind kind, std::uint64_t seed)
      : owner_(owner),
        loop_(loop),
        metrics_(metrics),
        kind_(kind),
        reflector_(api, loop, {.selection = {.kind = kind}, .seed = seed}, *this) {}

  void OnUpsert(const kube::Object& object) override {
    LogObject("Object changed", kind_, object);
    owner_.on_input_(ObjectChanged{object});
  }

  void OnDelete(const kube::Object& last_known) override {
    LogObject("Object gone", kind_, last_known);
    owner_.on_input_(ObjectGone{last_known});
  }

  void OnSynced() override {
    LogInfo(kLogDecisions, "Listed",
            {{"resource", ResourceName(kind_)}, {"objects", reflector_.size()}});
    owner_.OnKindSynced();
  }

  void OnBadObject(kube::Kind kind, const std::string& key, const absl::Status& error) override {
    metrics_.undecodable_objects.Add({ResourceName(kind)});
    if (bad_object_throttle_.Allow(loop_.Now().mono)) {
      LogWarning("Object cannot be read and is left as it was last known",
                 {{"resource", ResourceName(kind)},
                  {"object", key},
                  {"err", std::string(error.message())}});
    }
  }

  void OnTrouble(kube::Kind kind, const absl::Status& error) override {
    metrics_.watch_failures.Add({ResourceName(kind)});
    // The same trouble is told once a minute; a new one at once.
    if (error.message() != last_trouble_ || trouble_throttle_.Allow(loop_.Now().mono)) {
      LogWarning("List or watch failed, trying again",
                 {{"resource", ResourceName(kind)}, {"err", std::string(error.message())}});
    }
    last_trouble_ = std::string(error.message());
  }

  HealthCheck Check() const {
    HealthCheck check{absl::StrCat("informer-sync/", ResourceName(kind_)), reflector_.synced(), ""};
    if (check.ok) return check;
    check.problem = reflector_.last_error().ok() ? "not listed yet"
                                                 : std::string(reflector_.last_error().message());
    return check;
  }

  kube::Reflector& reflector() { return reflector_; }

 private:
  Informers& owner_;
  net::EventLoop& loop_;
  Metrics& metrics_;
  const kube::Kind kind_;
  LogThrottle bad_object_throttle_;
  LogThrottle trouble_throttle_;
  std::string last_trouble_;
  kube::Reflector reflector_;
};

Informers::Informers(net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics,
                     const std::vector<kube::Kind>& kinds, std::uint64_t seed, OnInput on_input,
                     std::function<void()> on_synced)
    : on_input_(std::move(on_input)), on_synced_(std::move(on_synced)) {
  for (const kube::Kind kind : kinds) {
    informers_.push_back(std::make_unique<Informer>(*this, loop, api, metrics, kind,
                                                    Mix(seed, static_cast<std::uint64_t>(kind))));
  }
}

Informers::~Informers() = default;

void Informers::Start() {
  for (const auto& informer : informers_) informer->reflector().Start();
}

void Informers::Stop() {
  for (const auto& informer : informers_) informer->reflector().Stop();
}

std::vector<HealthCheck> Informers::Checks() const {
  std::vector<HealthCheck> checks;
  for (const auto& informer : informers_) checks.push_back(informer->Check());
  return checks;
}

void Informers::OnKindSynced() {
  if (synced_) return;
  synced_ = std::all_of(informers_.begin(), informers_.end(),
                        [](const auto& informer) { return informer->reflector().synced(); });
  if (synced_) on_synced_();
}

}  // namespace heat_scheduler
