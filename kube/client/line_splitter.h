// Cuts a stream of bytes into lines, however the bytes come. Thread-compatible.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace heat_scheduler::kube {

class LineSplitter {
 public:
  // A line longer than `max_line_bytes`, its newline not counted, is an error.
  explicit LineSplitter(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  // Calls `on_line` with each line that is complete now, without its newline, empty ones left out;
  // stops when it returns false. Returns ResourceExhausted once a line is too long; nothing can be
  // fed after that.
  absl::Status Feed(std::string_view data, const std::function<bool(std::string_view)>& on_line);

  // Returns true if bytes of an unfinished line are left.
  bool has_partial_line() const { return !partial_.empty(); }

 private:
  const std::size_t max_line_bytes_;
  std::string partial_;
};

}  // namespace heat_scheduler::kube
