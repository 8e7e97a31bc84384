#include "tests/net/raw_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/check.h"

namespace heat_scheduler::net {

namespace {

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void MakeNonBlocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

}  // namespace

RawSocket::RawSocket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_in address = Loopback(port);
  HS_CHECK(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
           "the test connects to its own port");
  MakeNonBlocking(fd_);
}

RawSocket::RawSocket(Descriptor descriptor) : fd_(descriptor.fd) { MakeNonBlocking(fd_); }

RawSocket::~RawSocket() { Close(); }

void RawSocket::Send(std::string_view bytes) {
  output_ += bytes;
  SendSome();
}

void RawSocket::SendSome() {
  while (!output_.empty()) {
    const ssize_t sent = ::send(fd_, output_.data(), output_.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      output_.erase(0, static_cast<std::size_t>(sent));
    } else {
      if (errno != EAGAIN) output_.clear();  // The other end has gone.
      return;
    }
  }
}

void RawSocket::Poll() {
  if (fd_ < 0) return;
  SendSome();
  std::array<char, 65536> buffer;
  while (!ended_) {
    const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (got > 0) {
      received_.append(buffer.data(), static_cast<std::size_t>(got));
    } else {
      ended_ = got == 0 || errno != EAGAIN;
      return;
    }
  }
}

void RawSocket::CloseSending() { ::shutdown(fd_, SHUT_WR); }

void RawSocket::Close(How how) {
  if (fd_ < 0) return;
  if (how == How::kReset) {
    const linger at_once = {.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  ::close(fd_);
  fd_ = -1;
}

RawServer::RawServer(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int yes = 1;
  ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address = Loopback(port);
  socklen_t size = sizeof address;
  HS_CHECK(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
               ::listen(fd_, 64) == 0 &&
               ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0,
           "the test listens on a port of loopback");
  port_ = ntohs(address.sin_port);
  MakeNonBlocking(fd_);
}

RawServer::~RawServer() { ::close(fd_); }

void RawServer::Poll() {
  while (true) {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) break;
    accepted_.push_back(std::make_unique<RawSocket>(RawSocket::Descriptor{fd}));
  }
  for (const auto& socket : accepted_) socket->Poll();
}

bool WaitFor(AsioLoop& loop, const std::function<bool()>& done, absl::Duration limit) {
  TimerId timer = 0;
  const std::function<void()> tick = [&] { timer = loop.RunAfter(absl::Milliseconds(2), tick); };
  tick();
  const bool result = loop.RunUntil(done, limit);
  loop.Cancel(timer);
  return result;
}

}  // namespace heat_scheduler::net
