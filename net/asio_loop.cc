#include "net/asio_loop.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <map>
#include <unordered_map>
#include <utility>

namespace heat_scheduler::net {

namespace asio = boost::asio;

namespace {

// The reactor's timer is set no further ahead than this, so that an infinite delay cannot overflow
// its clock; it is set again when it fires.
constexpr absl::Duration kLongestSleep = absl::Hours(1);

}  // namespace

class AsioLoop::Impl {
 public:
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    // What the callbacks hold goes while all of the loop is still there.
    const auto timers = std::exchange(timers_, {});
    due_by_id_.clear();
  }

  TimerId RunAfter(absl::Duration delay, std::function<void()> callback) {
    const absl::Duration due = clock_.Now().mono + std::max(delay, absl::ZeroDuration());
    const TimerId id = ++last_id_;
    timers_.emplace(Key{due, id}, std::move(callback));
    due_by_id_.emplace(id, due);
    if (due < armed_for_) Arm(due);
    return id;
  }

  void Cancel(TimerId id) {
    // The reactor's timer stays as it is: it may fire once too often, which costs less than setting
    // it again for each of the many timeouts that never come true.
    const auto found = due_by_id_.find(id);
    if (found == due_by_id_.end()) return;
    timers_.erase(Key{found->second, id});
    due_by_id_.erase(found);
  }

  void OnSignal(std::function<void(int)> callback) {
    on_signal_ = std::move(callback);
    if (waiting_for_signal_) return;
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
    signals_.add(SIGHUP);
    WaitForSignal();
  }

  void Run() {
    context_.restart();
    context_.run();
  }

  bool RunUntil(const std::function<bool()>& done, absl::Duration limit) {
    context_.restart();
    const absl::Duration end = clock_.Now().mono + limit;
    while (!done()) {
      const absl::Duration left = end - clock_.Now().mono;
      if (left <= absl::ZeroDuration() || context_.stopped()) return false;
      context_.run_one_for(absl::ToChronoNanoseconds(std::min(left, kLongestSleep)));
    }
    return true;
  }

  const SystemClock& clock() const { return clock_; }
  asio::io_context& context() { return context_; }

 private:
  // Equal times run in the order in which they were asked for: ids grow.
  using Key = std::pair<absl::Duration, TimerId>;

  void Arm(absl::Duration due) {
    armed_for_ = due;
    const absl::Duration wait = std::min(due - clock_.Now().mono, kLongestSleep);
    timer_.expires_after(
        absl::ToChronoNanoseconds(std::max(wait, absl::ZeroDuration())));  // Aborts the last wait.
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      armed_for_ = absl::InfiniteDuration();
      RunDue();
    });
  }

  void RunDue() {
    // Timers that a callback adds wait for the next round, even if they are due at once: other
    // events get their turn.
    const absl::Duration now = clock_.Now().mono;
    const TimerId last = last_id_;
    while (!timers_.empty() && !context_.stopped()) {
      const auto first = timers_.begin();
      if (first->first.first > now || first->first.second > last) break;
      const std::function<void()> callback = std::move(first->second);
      due_by_id_.erase(first->first.second);
      timers_.erase(first);
      callback();
    }
    if (!timers_.empty()) Arm(timers_.begin()->first.first);
  }

  void WaitForSignal() {
    waiting_for_signal_ = true;
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      WaitForSignal();
      if (on_signal_) on_signal_(signal);
    });
  }

  const SystemClock clock_{};
  // Before the reactor: what it still holds when it is destroyed may cancel its timers.
  std::map<Key, std::function<void()>> timers_;
  std::unordered_map<TimerId, absl::Duration> due_by_id_;
  asio::io_context context_{1};
  const asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  asio::steady_timer timer_{context_};
  asio::signal_set signals_{context_};
  TimerId last_id_ = 0;
  absl::Duration armed_for_ = absl::InfiniteDuration();
  std::function<void(int)> on_signal_;
  bool waiting_for_signal_ = false;
};

AsioLoop::AsioLoop() : impl_(std::make_unique<Impl>()) { std::signal(SIGPIPE, SIG_IGN); }

AsioLoop::~AsioLoop() = default;

Instant AsioLoop::Now() const { return impl_->clock().Now(); }

TimerId AsioLoop::RunAfter(absl::Duration delay, std::function<void()> callback) {
  return impl_->RunAfter(delay, std::move(callback));
}

void AsioLoop::Cancel(TimerId id) { impl_->Cancel(id); }

void AsioLoop::Post(std::function<void()> callback) {
  asio::post(impl_->context(), std::move(callback));
}

void AsioLoop::Run() { impl_->Run(); }

void AsioLoop::Stop() { impl_->context().stop(); }

bool AsioLoop::RunUntil(const std::function<bool()>& done, absl::Duration limit) {
  return impl_->RunUntil(done, limit);
}

void AsioLoop::OnSignal(std::function<void(int signal)> callback) {
  impl_->OnSignal(std::move(callback));
}

asio::io_context& AsioLoop::context() { return impl_->context(); }

}  // namespace heat_scheduler::net
