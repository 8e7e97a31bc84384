// Certificates for tests, made by the openssl command: a second opinion on what net/ makes and
// reads.
//
// Everything is in a temporary directory of its own, which goes with the object. Thread-compatible.
#pragma once

#include <string>

namespace heat_scheduler {

// One certificate authority and what it issues.
class TestCa {
 public:
  // Paths of PEM files.
  struct Issued {
    std::string certificate_file;
    std::string key_file;
  };

  // Makes the authority's key and certificate; aborts the test binary if openssl is missing.
  explicit TestCa(const std::string& common_name);
  TestCa(const TestCa&) = delete;
  TestCa& operator=(const TestCa&) = delete;
  ~TestCa();

  const std::string& directory() const { return directory_; }
  std::string certificate_file() const;

  // Issues a certificate for `common_name` with alternative names as openssl spells them
  // ("DNS:localhost,IP:127.0.0.1"; empty for none), valid for `days` from now. `days` may be
  // negative: the certificate has expired then.
  Issued Issue(const std::string& common_name, const std::string& alternative_names, int days);

 private:
  std::string directory_;
  int issued_ = 0;
};

// Runs a shell command that must succeed; aborts the test binary if it does not.
void RunTestCommand(const std::string& command);

}  // namespace heat_scheduler
