// Bare sockets for tests: a peer that sends exactly the bytes that it is told to, and a server that
// answers with them. Neither knows HTTP, so neither shares a mistake with net/.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "net/asio_loop.h"

namespace heat_scheduler::net {

// One end of a TCP connection; never blocks. Poll moves bytes both ways.
class RawSocket {
 public:
  // Connects to 127.0.0.1; aborts the test binary if it cannot.
  explicit RawSocket(std::uint16_t port);
  // Takes over a connected descriptor.
  struct Descriptor {
    int fd;
  };
  explicit RawSocket(Descriptor descriptor);
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  ~RawSocket();

  // Queues bytes; Poll sends them.
  void Send(std::string_view bytes);

  // Sends and receives what goes without waiting.
  void Poll();

  // Says that no more is sent. What is queued is dropped.
  void CloseSending();

  // Closes; with a reset if `reset`.
  enum class How { kOrderly, kReset };
  void Close(How how = How::kOrderly);

  const std::string& received() const { return received_; }
  void ForgetReceived() { received_.clear(); }
  bool ended() const { return ended_; }  // The other end has closed, in whatever way.
  bool all_sent() const { return output_.empty(); }

 private:
  void SendSome();

  int fd_;
  std::string output_;
  std::string received_;
  bool ended_ = false;
};

// Listens on a free port of 127.0.0.1; never blocks. Poll accepts, and polls what was accepted.
class RawServer {
 public:
  // `port` 0: any.
  explicit RawServer(std::uint16_t port = 0);
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer();

  std::uint16_t port() const { return port_; }
  void Poll();
  // In the order in which they came.
  std::vector<std::unique_ptr<RawSocket>>& accepted() { return accepted_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
  std::vector<std::unique_ptr<RawSocket>> accepted_;
};

// Runs the loop until `done`, asking it again every few milliseconds too, since what it looks at
// may not be the loop's. Returns what `done` says when kTestLimit or `limit` has passed.
bool WaitFor(AsioLoop& loop, const std::function<bool()>& done,
             absl::Duration limit = absl::Seconds(20));

}  // namespace heat_scheduler::net
