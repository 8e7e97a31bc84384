// Answers that cost a request: asked for once at a time, kept for a while, the least recently used
// one forgotten when there are too many. Failures are not kept. Thread-compatible.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "live/lru_map.h"

namespace heat_scheduler {

template <typename Answer>
class AnswerCache {
 public:
  using Done = std::function<void(const absl::StatusOr<Answer>& answer)>;

  // `time_to_live` says how long an answer holds. Borrows the clock.
  AnswerCache(const Clock& clock, std::size_t capacity,
              std::function<absl::Duration(const Answer&)> time_to_live)
      : clock_(clock), time_to_live_(std::move(time_to_live)), kept_(capacity) {}

  // Calls `done` with the answer: at once if it is known, else when `ask` has called back, which is
  // called unless somebody asks the same already. `ask` must not outlive the cache.
  void Get(const std::string& key, const std::function<void(Done)>& ask, Done done) {
    const Kept* known = kept_.Find(key);
    if (known != nullptr && clock_.Now().mono < known->until) {
      // A copy: `done` may ask for more, which may push this one out.
      const absl::StatusOr<Answer> answer = kept_[key].answer;
      return done(answer);
    }
    std::vector<Done>& waiting = waiting_[key];
    waiting.push_back(std::move(done));
    if (waiting.size() > 1) return;
    ask([this, key](const absl::StatusOr<Answer>& answer) { Answered(key, answer); });
  }

 private:
  struct Kept {
    absl::StatusOr<Answer> answer;
    absl::Duration until;
  };

  void Answered(const std::string& key, const absl::StatusOr<Answer>& answer) {
    if (answer.ok()) kept_[key] = {answer, clock_.Now().mono + time_to_live_(*answer)};
    const auto found = waiting_.find(key);
    const std::vector<Done> waiting = std::move(found->second);
    waiting_.erase(found);
    for (const Done& done : waiting) done(answer);
  }

  const Clock& clock_;
  const std::function<absl::Duration(const Answer&)> time_to_live_;
  LruMap<Kept> kept_;
  std::map<std::string, std::vector<Done>> waiting_;
};

}  // namespace heat_scheduler
