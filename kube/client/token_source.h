// What a request says of who sends it: nothing, a bearer token, or a name and password.
//
// A token in a file is rotated under us (projected service account tokens live an hour), so the
// file is read again each minute, and at once after a 401. One that a program prints is renewed in
// the background. Source: client-go transport/token_source.go. Thread-compatible.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/file_reader.h"

namespace heat_scheduler::kube {

inline constexpr absl::Duration kTokenFileMaxAge = absl::Minutes(1);

// Returns true if the text can stand in a header: a line end in it would start another one.
bool FitsHeader(std::string_view text);

class ExecCredentials;

class TokenSource {
 public:
  // No Authorization header: the client certificate speaks, or nothing does.
  TokenSource() = default;
  // `token` fits a header.
  static TokenSource Bearer(std::string_view token);
  static TokenSource Basic(std::string_view username, std::string_view password);
  // The token is what the file holds, blanks around it removed.
  static TokenSource BearerFile(std::string path, FileReader reader = ReadFile);
  // The token, if there is one, is what the program says.
  static TokenSource Exec(std::shared_ptr<ExecCredentials> credentials);

  // Returns the value of the Authorization header, empty for none. `now` is monotonic time. An
  // error of the file, or of the program, is returned only when no earlier token is left to use.
  absl::StatusOr<std::string> Authorization(absl::Duration now);

  // Reads the file again, because the server refused the token. Returns true if the header has
  // changed, so that another try makes sense at once. A program is not waited for.
  bool Refresh(absl::Duration now);

 private:
  void ReadAgain(absl::Duration now);

  std::string header_;
  std::shared_ptr<ExecCredentials> exec_;  // Or null.
  std::string path_;                       // Empty: nothing to read again.
  FileReader reader_;
  std::optional<absl::Duration> read_at_;
  absl::Status file_status_;
};

}  // namespace heat_scheduler::kube
