#include "tests/conformance/case_file.h"

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace heat_scheduler {
namespace {

bool IsCase(const std::filesystem::path& path) {
  return absl::EndsWith(path.string(), ".json") || absl::EndsWith(path.string(), ".json.gz");
}

// Returns the file's text. zlib hands through what is not compressed.
absl::StatusOr<std::string> ReadMaybeCompressed(const std::string& path) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), &gzclose);
  if (file == nullptr) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  std::string text;
  std::string buffer(1 << 16, '\0');
  for (;;) {
    const int got = gzread(file.get(), buffer.data(), static_cast<unsigned>(buffer.size()));
    if (got < 0) return absl::InvalidArgumentError(absl::StrCat(path, ": is damaged"));
    if (got == 0) return text;
    text.append(buffer, 0, static_cast<std::size_t>(got));
  }
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FindCases(const std::vector<std::string>& paths) {
  std::vector<std::string> cases;
  for (const std::string& path : paths) {
    std::vector<std::string> found;
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(path, error)) {
        if (entry.is_regular_file() && IsCase(entry.path())) found.push_back(entry.path().string());
      }
    } else if (std::filesystem::is_regular_file(path, error)) {
      found.push_back(path);
    }
    if (error) return absl::NotFoundError(absl::StrCat(path, ": ", error.message()));
    if (found.empty()) {
      return absl::NotFoundError(
          absl::StrCat(path, ": no case is there; cases are files *.json or *.json.gz"));
    }
    std::sort(found.begin(), found.end());
    cases.insert(cases.end(), found.begin(), found.end());
  }
  return cases;
}

absl::StatusOr<nlohmann::json> ReadCase(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadMaybeCompressed(path));
  try {
    nlohmann::json test_case = nlohmann::json::parse(text);
    if (test_case.is_object()) return test_case;
    return absl::InvalidArgumentError(absl::StrCat(path, ": is no JSON object"));
  } catch (const nlohmann::json::parse_error& error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.what()));
  }
}

}  // namespace heat_scheduler
