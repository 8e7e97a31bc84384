#include "kube/client/token_source.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "kube/client/exec_credentials.h"

namespace heat_scheduler::kube {

bool FitsHeader(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); });
}

TokenSource TokenSource::Bearer(std::string_view token) {
  TokenSource source;
  source.header_ = absl::StrCat("Bearer ", ToAbsl(token));
  return source;
}

TokenSource TokenSource::Basic(std::string_view username, std::string_view password) {
  TokenSource source;
  source.header_ = absl::StrCat(
      "Basic ", absl::Base64Escape(absl::StrCat(ToAbsl(username), ":", ToAbsl(password))));
  return source;
}

TokenSource TokenSource::BearerFile(std::string path, FileReader reader) {
  TokenSource source;
  source.path_ = std::move(path);
  source.reader_ = std::move(reader);
  return source;
}

TokenSource TokenSource::Exec(std::shared_ptr<ExecCredentials> credentials) {
  TokenSource source;
  source.exec_ = std::move(credentials);
  return source;
}

absl::StatusOr<std::string> TokenSource::Authorization(absl::Duration now) {
  if (exec_ != nullptr) {
    ASSIGN_OR_RETURN(const ExecCredential credential, exec_->Current());
    return credential.token.empty() ? "" : absl::StrCat("Bearer ", credential.token);
  }
  if (!path_.empty() && (!read_at_.has_value() || now - *read_at_ >= kTokenFileMaxAge)) {
    ReadAgain(now);
  }
  if (header_.empty() && !file_status_.ok()) return file_status_;
  return header_;
}

bool TokenSource::Refresh(absl::Duration now) {
  if (exec_ != nullptr) exec_->Renew();
  if (path_.empty()) return false;
  const std::string before = header_;
  ReadAgain(now);
  return header_ != before;
}

void TokenSource::ReadAgain(absl::Duration now) {
  read_at_ = now;
  absl::StatusOr<std::string> content = reader_(path_);
  if (!content.ok()) {
    file_status_ = content.status();
    return;
  }
  const absl::string_view token = absl::StripAsciiWhitespace(*content);
  if (token.empty()) {
    file_status_ = absl::InvalidArgumentError(
        absl::StrCat("token file ", path_, " is empty; put a bearer token into it"));
    return;
  }
  if (!FitsHeader(ToStd(token))) {
    file_status_ = absl::InvalidArgumentError(
        absl::StrCat("token file ", path_, " holds more than one line; keep the token alone"));
    return;
  }
  file_status_ = absl::OkStatus();
  header_ = absl::StrCat("Bearer ", token);
}

}  // namespace heat_scheduler::kube
