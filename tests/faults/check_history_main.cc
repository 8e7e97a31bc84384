// heat-check-history: judges a history that the end-to-end tests recorded (recorded.h).
//
// Exit codes: 0 every guarantee holds, 1 one does not or the history cannot be read, 2 wrong usage.
#include <fstream>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/faults/recorded.h"

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::cerr << "usage: heat-check-history FILE [SCHEDULER_NAME]\n";
    return 2;
  }
  std::ifstream file(argv[1]);
  if (!file) {
    std::cerr << "heat-check-history: cannot read " << argv[1] << "\n";
    return 1;
  }
  heat_scheduler::RecordedHistory history(argc == 3 ? argv[2] : "heat-scheduler");
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (const absl::Status status = history.Add(line); !status.ok()) {
      std::cerr << argv[1] << ":" << number << ": " << status << "\n";
      return 1;
    }
  }
  const auto& violations = history.Finish();
  for (const heat_scheduler::Violation& violation : violations) {
    std::cout << violation.guarantee << " at " << absl::UnixEpoch() + violation.time << ": "
              << violation.what << "\n";
  }
  std::cout << "history: " << history.writes() << " writes, " << history.binds()
            << " binds of ours, " << violations.size() << " guarantees broken\n";
  return violations.empty() ? 0 : 1;
}
