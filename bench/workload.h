// What is measured: test cases and workloads, read from files of the format that
// bench/workloads/README.md describes.
//
// A test case is a list of operations whose numbers may be parameters; a workload gives the
// parameters values and says how the run ends. Paths are those of the file, put behind its folder.
// Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

namespace heat_scheduler {

// A number, or the name of the parameter that has it.
struct Count {
  std::int64_t value = 0;
  std::string param;  // Empty: `value`.
};

struct CreateNodes {
  Count count;
  std::string node_template;
  std::string label_key;                  // labelNodePrepareStrategy; empty: none.
  std::vector<std::string> label_values;  // Node number i gets number i mod their number.
  // nodeAllocatableStrategy: further resources, and the volumes that a node takes by driver.
  std::map<std::string, std::string> allocatable;
  std::map<std::string, std::int32_t> csi_allocatable;
};

struct CreateNamespaces {
  std::string prefix;
  Count count;
  std::string namespace_template;  // Empty: no labels of its own.
};

struct CreatePods {
  Count count;
  std::string namespace_;  // Empty: namespace-<op>.
  std::string pod_template;
  std::string volume_template;  // Empty: no volumes.
  std::string claim_template;
  bool measured = false;
};

struct CreatePodSets {
  Count count;
  std::string namespace_prefix;
  CreatePods pods;
};

struct CreateAny {
  Count count{1, ""};
  std::string namespace_;
  std::string object_template;
};

struct Barrier {};

struct Churn {
  Count interval;
  std::int64_t number = 0;
  bool recreate = false;
  std::string namespace_;  // Empty: namespace-<op>.
  std::vector<std::string> templates;
};

struct DeletePods {
  Count interval;
  std::string namespace_;
};

struct ChangeNodes {
  Count interval;
  std::int64_t of_op = 0;
  std::int64_t stride = 1;
};

using Operation = std::variant<CreateNodes, CreateNamespaces, CreatePods, CreatePodSets, CreateAny,
                               Barrier, Churn, DeletePods, ChangeNodes>;

// How a run ends.
struct Outcome {
  std::int64_t placed = 0;   // Pods on a node.
  std::int64_t pending = 0;  // Pods on none.
  std::int64_t evicted = 0;  // Pods that had to leave.

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

struct Workload {
  std::string name;                 // "<case>/<workload>"
  std::vector<std::string> labels;  // Those of its case included.
  std::string scheduler_config;     // Path, or empty: kube-scheduler's default profile.
  std::vector<Operation> operations;
  std::map<std::string, std::int64_t, std::less<>> params;
  Outcome expect;

  bool HasLabel(const std::string& label) const;
  // Returns the number, which the reader has checked to be there.
  std::int64_t ValueOf(const Count& count) const;
  // Returns how many pods are measured.
  std::int64_t measured_pods() const;
};

// Reads a file, or all files of a folder in the order of their names. Returns an error that names
// the file and all its mistakes: unknown keys, wrong types, parameters without a value, a case
// whose last operation alone is not measured.
absl::StatusOr<std::vector<Workload>> LoadWorkloads(const std::string& path);

}  // namespace heat_scheduler
