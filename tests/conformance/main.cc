// conformance: replays a corpus of kube-scheduler's decisions and says where ours differ.
//
// Prints a line a family, "family: steps N, agreed M", and a total; exits 1 on any difference. Told
// to explain, it shows the decision record of the first step of each case that differs, or of one
// step.
#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/status.h"
#include "cmd/command_line.h"
#include "scheduler/explain/decision_text.h"
#include "tests/conformance/case_file.h"
#include "tests/conformance/replay.h"

namespace heat_scheduler {
namespace {

struct Count {
  std::size_t steps = 0;
  std::size_t agreed = 0;

  void Add(const Count& other) {
    steps += other.steps;
    agreed += other.agreed;
  }
  void Print(const std::string& name) const {
    fmt::print("{}: steps {}, agreed {}\n", name, steps, agreed);
  }
};

// Returns what a difference is about: "scores/ImageLocality", "rejected", "message".
std::string SubjectOf(const Difference& difference) {
  const std::vector<std::string> parts = absl::StrSplit(difference.where, '/');
  return parts.front() == "scores" && parts.size() > 1 ? parts[0] + "/" + parts[1] : parts.front();
}

struct Explaining {
  bool wanted = false;
  std::optional<std::size_t> step;  // Absent: the first that differs.
  bool as_json = false;
};

void PrintRecord(const nlohmann::ordered_json& record, bool as_json) {
  if (as_json) {
    fmt::print("{}\n", record.dump(2));
    return;
  }
  const absl::StatusOr<std::string> text = DecisionText(record, DecisionTextNodes::kFew);
  fmt::print("{}", text.ok() ? *text : text.status().ToString() + "\n");
}

// Prints the case's first difference and its record, and counts all differences by what they are
// about.
void Explain(const CaseReport& report, const Explaining& explaining,
             std::map<std::string, std::size_t>& by_subject) {
  if (!report.record.is_null()) PrintRecord(report.record, explaining.as_json);
  if (report.differences.empty()) return;
  for (const Difference& difference : report.differences) ++by_subject[SubjectOf(difference)];
  const Difference& first = report.differences.front();
  fmt::print("{}/{}: step {}, pod {}: {}\n  expected {}\n  got      {}\n", report.family,
             report.name, first.step, first.pod, first.where, first.expected, first.got);
}

// Replays one case and adds it to its family. One that cannot be replayed counts, with all of its
// steps, as not agreed, and is told of.
Count RunCase(const std::string& path, SelectorKind selector, const Explaining& explaining,
              std::map<std::string, Count>& families,
              std::map<std::string, std::size_t>& by_subject) {
  Count count;
  std::string family = std::filesystem::path(path).parent_path().filename().string();
  const absl::StatusOr<nlohmann::json> test_case = ReadCase(path);
  absl::Status problem = test_case.status();
  if (test_case.ok()) {
    count.steps = test_case->value("steps", nlohmann::json::array()).size();
    const absl::StatusOr<CaseReport> report = ReplayCase(*test_case, {selector, explaining.step});
    problem = report.status();
    if (report.ok()) {
      family = report->family;
      count = {report->steps, report->agreed};
      if (explaining.wanted) Explain(*report, explaining, by_subject);
    }
  }
  if (!problem.ok()) {
    fmt::print(stderr, "conformance: {}\n", std::string(problem.message()));
    count.steps = std::max<std::size_t>(count.steps, 1);
  }
  families[family].Add(count);
  return count;
}

absl::StatusOr<int> Run(const std::vector<std::string>& paths, SelectorKind selector,
                        const Explaining& explaining) {
  ASSIGN_OR_RETURN(const std::vector<std::string> cases, FindCases(paths));
  std::map<std::string, Count> families;
  std::map<std::string, std::size_t> by_subject;
  Count total;
  for (const std::string& path : cases) {
    total.Add(RunCase(path, selector, explaining, families, by_subject));
  }
  for (const auto& [subject, count] : by_subject) {
    fmt::print("differences in {}: {}\n", subject, count);
  }
  for (const auto& [family, count] : families) count.Print(family);
  total.Print("total");
  return total.agreed == total.steps ? 0 : 1;
}

}  // namespace
}  // namespace heat_scheduler

int main(int argc, char** argv) {
  std::vector<std::string> paths;
  heat_scheduler::Explaining explaining;
  auto selector = heat_scheduler::SelectorKind::kFullScan;
  CLI::App app("Compares our decisions with those of a real kube-scheduler, kept as a corpus.",
               "conformance");
  app.add_option("DIR", paths, "Folders of cases, or cases (*.json, *.json.gz)")->required();
  CLI::Option* const explain =
      app.add_flag("--explain", explaining.wanted,
                   "Show the first difference of each case with the decision record of its step, "
                   "and how many differences there are in what");
  app.add_option("--step", explaining.step,
                 "Show the record of that step of each case, whether it differs or not")
      ->type_name("N")
      ->needs(explain);
  app.add_flag("--json", explaining.as_json, "Show records as JSON")->needs(explain);
  app.add_option("--selection", selector,
                 "Who decides: full-scan, or incremental, which is held to the same besides")
      ->transform(CLI::CheckedTransformer(std::map<std::string, heat_scheduler::SelectorKind>{
          {"full-scan", heat_scheduler::SelectorKind::kFullScan},
          {"incremental", heat_scheduler::SelectorKind::kIncremental}}));
  return heat_scheduler::ParseAndRun(
      app, argc, argv, [&] { return heat_scheduler::Run(paths, selector, explaining); });
}
