#include "kube/client/line_splitter.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace heat_scheduler::kube {

absl::Status LineSplitter::Feed(std::string_view data,
                                const std::function<bool(std::string_view)>& on_line) {
  while (!data.empty()) {
    const std::size_t end = data.find('\n');
    const std::string_view piece = data.substr(0, end);
    if (partial_.size() + piece.size() > max_line_bytes_) {
      return absl::ResourceExhaustedError(
          absl::StrCat("a line is over the limit of ", max_line_bytes_, " bytes"));
    }
    if (end == std::string_view::npos) {
      partial_.append(piece);
      return absl::OkStatus();
    }
    data.remove_prefix(end + 1);
    if (partial_.empty()) {
      // The usual case: the whole line is in one piece, and is not copied.
      if (!piece.empty() && !on_line(piece)) return absl::OkStatus();
      continue;
    }
    partial_.append(piece);
    const std::string line = std::exchange(partial_, std::string());
    if (!on_line(line)) return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace heat_scheduler::kube
