// Replays cases of a corpus of kube-scheduler's decisions against filters and scores of
// plugins/defaults.
//
// A case is one JSON file: a cluster, then steps; each asks about a pod and says what
// kube-scheduler answered. data/README.md has the format, as far as it is used here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace heat_scheduler {

struct CorpusReport {
  std::size_t steps = 0;  // Steps whose answers were compared.
  // Answers on one node, points on one, and answers on the pod as a whole that were compared.
  std::size_t answers = 0;
  std::size_t left_out = 0;              // Steps that say nothing of these plugins alone.
  std::vector<std::string> differences;  // "<step>: <what>: want ..., got ...".
};

// Replays the case of one document.
CorpusReport ReplayCase(std::string_view document);

}  // namespace heat_scheduler
