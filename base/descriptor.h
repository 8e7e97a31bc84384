// A file descriptor of ours, closed at the end of its scope. Thread-compatible.
#pragma once

#include <unistd.h>

namespace heat_scheduler {

class Descriptor {
 public:
  // Takes it over; a negative one is none.
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }

  // Closes it now.
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

}  // namespace heat_scheduler
