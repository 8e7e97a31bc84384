#include "tests/support/pausable.h"

#include <string>

namespace heat_scheduler {

PausableLoop::~PausableLoop() {
  for (const auto& [id, timer] : timers_) world_.Cancel(timer.in_world);
}

Instant PausableLoop::Now() const {
  Instant now = world_.Now();
  now.wall += wall_skew_;
  return now;
}

net::TimerId PausableLoop::RunAfter(absl::Duration delay, std::function<void()> callback) {
  const net::TimerId id = ++last_id_;
  timers_[id].callback = std::move(callback);
  Arm(id, delay);
  return id;
}

void PausableLoop::Arm(net::TimerId id, absl::Duration delay) {
  timers_.at(id).in_world = world_.RunAfter(delay, [this, id] {
    if (paused_) return held_.push_back(id);
    const auto timer = timers_.extract(id);
    timer.mapped().callback();
  });
}

void PausableLoop::Cancel(net::TimerId id) {
  const auto found = timers_.find(id);
  if (found == timers_.end()) return;
  world_.Cancel(found->second.in_world);
  timers_.erase(found);
}

void PausableLoop::Post(std::function<void()> callback) {
  RunAfter(absl::ZeroDuration(), std::move(callback));
}

void PausableLoop::Resume() {
  paused_ = false;
  for (const net::TimerId id : std::exchange(held_, {})) {
    if (timers_.find(id) != timers_.end()) Arm(id, absl::ZeroDuration());
  }
}

PausableTransport::~PausableTransport() {
  for (const auto& [id, in_network] : in_network_) network_.Cancel(in_network);
}

void PausableTransport::Deliver(net::RequestId id, std::function<void()> callback) {
  if (!process_.paused()) return callback();
  const std::weak_ptr<char> alive = alive_;
  process_.Post([this, alive, id, callback = std::move(callback)] {
    if (!alive.expired() && in_network_.find(id) != in_network_.end()) callback();
  });
}

net::RequestId PausableTransport::Send(net::HttpRequest request, net::RequestOptions options,
                                       Done done) {
  const net::RequestId id = ++last_id_;
  const auto on_done = [this, id,
                        done = std::move(done)](const absl::StatusOr<net::HttpResponse>& answer) {
    Deliver(id, [this, id, done, answer] {
      in_network_.erase(id);
      done(answer);
    });
  };
  in_network_[id] = network_.Send(std::move(request), std::move(options), on_done);
  return id;
}

net::RequestId PausableTransport::Stream(net::HttpRequest request, net::StreamOptions options,
                                         net::StreamHandlers handlers) {
  const net::RequestId id = ++last_id_;
  const auto shared = std::make_shared<net::StreamHandlers>(std::move(handlers));
  in_network_[id] = network_.Stream(
      std::move(request), options,
      {.on_head =
           [this, id, shared](int status, const net::Headers& headers) {
             Deliver(id, [shared, status, headers] { shared->on_head(status, headers); });
           },
       .on_data =
           [this, id, shared](std::string_view data) {
             Deliver(id, [shared, copy = std::string(data)] { shared->on_data(copy); });
           },
       .on_end =
           [this, id, shared](const absl::Status& status) {
             Deliver(id, [this, id, shared, status] {
               in_network_.erase(id);
               shared->on_end(status);
             });
           }});
  return id;
}

void PausableTransport::Cancel(net::RequestId id) {
  const auto found = in_network_.find(id);
  if (found == in_network_.end()) return;
  network_.Cancel(found->second);
  in_network_.erase(found);
}

}  // namespace heat_scheduler
