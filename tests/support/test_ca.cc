#include "tests/support/test_ca.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace heat_scheduler {

TestCa::TestCa(const std::string& common_name) {
  std::string pattern = (std::filesystem::temp_directory_path() / "heat-ca-XXXXXX").string();
  HS_CHECK(mkdtemp(pattern.data()) != nullptr, "a temporary directory can be made");
  directory_ = pattern;
  RunTestCommand(absl::StrCat(
      "cd ", directory_,
      " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 10 "
      "-subj '/CN=",
      common_name, "' -keyout ca.key -out ca.crt"));
}

TestCa::~TestCa() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string TestCa::certificate_file() const { return absl::StrCat(directory_, "/ca.crt"); }

TestCa::Issued TestCa::Issue(const std::string& common_name, const std::string& alternative_names,
                             int days) {
  const std::string name = absl::StrCat("issued", ++issued_);
  {
    std::ofstream extensions(absl::StrCat(directory_, "/", name, ".ext"));
    extensions << "basicConstraints=CA:FALSE\n";
    if (!alternative_names.empty()) extensions << "subjectAltName=" << alternative_names << "\n";
  }
  RunTestCommand(absl::StrCat(
      "cd ", directory_,
      " && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=", common_name,
      "' -keyout ", name, ".key -out ", name, ".csr && openssl x509 -req -in ", name,
      ".csr -CA ca.crt -CAkey ca.key -CAcreateserial -days ", days, " -extfile ", name,
      ".ext -out ", name, ".crt"));
  return {absl::StrCat(directory_, "/", name, ".crt"), absl::StrCat(directory_, "/", name, ".key")};
}

void RunTestCommand(const std::string& command) {
  const std::string quiet = absl::StrCat("( ", command, " ) >/dev/null 2>&1");
  HS_CHECK(std::system(quiet.c_str()) == 0, "the test's command works; is openssl installed?");
}

}  // namespace heat_scheduler
