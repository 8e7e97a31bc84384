#include "bench/workload.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/file_reader.h"
#include "base/quote.h"
#include "base/status.h"
#include "kube/yaml.h"
#include "nlohmann/json.hpp"
#include "scheduler/framework/args_reader.h"

namespace heat_scheduler {
namespace {

// One test case, as the file has it.
struct TestCase {
  std::string name;
  std::vector<std::string> labels;
  std::string scheduler_config;
  std::string default_pod_template;
  std::vector<Operation> operations;
};

// Reads `<key>` or `<key>Param`. Without either the number stays as it is, if that is allowed.
void ReadCount(ArgsReader& in, const std::string& key, Count& count, bool required = true) {
  const std::int64_t before = std::exchange(count.value, -1);
  in.Read(key, count.value);
  in.Read(key + "Param", count.param);
  const bool has_value = count.value >= 0;
  if (!has_value) count.value = before;
  if (has_value && !count.param.empty()) in.Reject(key, "is given twice, as a parameter too");
  if (!has_value && count.param.empty() && required) in.Reject(key, "is required");
  if (count.param.empty()) return;
  if (count.param.front() != '$') in.Reject(key + "Param", "want $ and the name of a parameter");
  count.param.erase(0, 1);
}

class CaseReader {
 public:
  explicit CaseReader(std::string folder) : folder_(std::move(folder)) {}

  TestCase ReadCase(ArgsReader& in) {
    TestCase read;
    in.Read("name", read.name);
    if (read.name.empty()) in.Reject("name", "is required");
    in.Read("labels", read.labels);
    read.scheduler_config = ReadPath(in, "schedulerConfigPath", false);
    read.default_pod_template = ReadPath(in, "defaultPodTemplatePath", false);
    default_pod_template_ = read.default_pod_template;
    in.ReadObjects("workloadTemplate",
                   [&](ArgsReader& op) { read.operations.push_back(ReadOperation(op)); });
    return read;
  }

 private:
  std::string ReadPath(ArgsReader& in, const std::string& key, bool required = true) {
    std::string path;
    in.Read(key, path);
    if (path.empty() && required) in.Reject(key, "is required");
    return path.empty() ? path : absl::StrCat(folder_, "/", path);
  }

  Operation ReadOperation(ArgsReader& in) {
    std::string opcode;
    in.Read("opcode", opcode);
    if (opcode == "createNodes") return ReadCreateNodes(in);
    if (opcode == "createNamespaces") return ReadCreateNamespaces(in);
    if (opcode == "createPods") return ReadCreatePods(in);
    if (opcode == "createPodSets") return ReadCreatePodSets(in);
    if (opcode == "createAny") return ReadCreateAny(in);
    if (opcode == "churn") return ReadChurn(in);
    if (opcode == "deletePods") return ReadDeletePods(in);
    if (opcode == "changeNodes") return ReadChangeNodes(in);
    if (opcode == "barrier") {
      std::string stage;
      in.Read("stageRequirement", stage);
      if (stage != "Attempted") in.Reject("stageRequirement", "want Attempted");
    } else {
      in.Reject("opcode", absl::StrCat("there is no operation ", Quoted(opcode)));
    }
    return Barrier{};
  }

  CreateNodes ReadCreateNodes(ArgsReader& in) {
    CreateNodes op;
    ReadCount(in, "count", op.count);
    op.node_template = ReadPath(in, "nodeTemplatePath");
    in.ReadObject("labelNodePrepareStrategy", [&](ArgsReader& strategy) {
      strategy.Read("labelKey", op.label_key);
      strategy.Read("labelValues", op.label_values);
      if (op.label_values.empty()) strategy.Reject("labelValues", "is required");
    });
    in.ReadObject("nodeAllocatableStrategy", [&](ArgsReader& strategy) {
      ReadMap(strategy, "nodeAllocatable",
              [&](const std::string& key, ArgsReader& map) { map.Read(key, op.allocatable[key]); });
      ReadMap(strategy, "csiNodeAllocatable", [&](const std::string& key, ArgsReader& map) {
        map.ReadObject(key,
                       [&](ArgsReader& driver) { driver.Read("count", op.csi_allocatable[key]); });
      });
    });
    return op;
  }

  // Calls `read` for each key of an object whose keys are data.
  template <typename Read>
  void ReadMap(ArgsReader& in, const std::string& key, const Read& read) {
    const nlohmann::json* map = in.Take(key);
    if (map == nullptr) return;
    ArgsReader reader(*map, key);
    if (map->is_object()) {
      for (const auto& [name, value] : map->items()) read(name, reader);
    }
    in.Adopt(MovePaths(reader.Finish(), key, absl::StrCat(in.path(), ".", key)));
  }

  CreateNamespaces ReadCreateNamespaces(ArgsReader& in) {
    CreateNamespaces op;
    ReadCount(in, "count", op.count);
    in.Read("prefix", op.prefix);
    op.namespace_template = ReadPath(in, "namespaceTemplatePath", false);
    return op;
  }

  CreatePods ReadCreatePods(ArgsReader& in) {
    CreatePods op;
    ReadCount(in, "count", op.count);
    in.Read("namespace", op.namespace_);
    op.pod_template = ReadPath(in, "podTemplatePath", false);
    if (op.pod_template.empty()) op.pod_template = default_pod_template_;
    if (op.pod_template.empty()) in.Reject("podTemplatePath", "is required: there is no default");
    op.volume_template = ReadPath(in, "persistentVolumeTemplatePath", false);
    op.claim_template = ReadPath(in, "persistentVolumeClaimTemplatePath", false);
    if (op.volume_template.empty() != op.claim_template.empty()) {
      in.Reject("persistentVolumeTemplatePath", "a volume needs a claim and a claim a volume");
    }
    in.Read("collectMetrics", op.measured);
    bool skip_wait = false;
    in.Read("skipWaitToCompletion", skip_wait);
    return op;
  }

  CreatePodSets ReadCreatePodSets(ArgsReader& in) {
    CreatePodSets op;
    ReadCount(in, "count", op.count);
    in.Read("namespacePrefix", op.namespace_prefix);
    in.ReadObject("createPodsOp", [&](ArgsReader& nested) {
      std::string opcode;
      nested.Read("opcode", opcode);
      if (opcode != "createPods") nested.Reject("opcode", "want createPods");
      op.pods = ReadCreatePods(nested);
    });
    return op;
  }

  CreateAny ReadCreateAny(ArgsReader& in) {
    CreateAny op;
    ReadCount(in, "count", op.count, false);
    in.Read("namespace", op.namespace_);
    op.object_template = ReadPath(in, "templatePath");
    return op;
  }

  Churn ReadChurn(ArgsReader& in) {
    Churn op;
    ReadCount(in, "intervalPods", op.interval);
    in.Read("mode", {{"create", false}, {"recreate", true}}, op.recreate);
    in.Read("number", op.number);
    if (op.number < (op.recreate ? 1 : 0)) in.Reject("number", "is too small");
    in.Read("namespace", op.namespace_);
    in.Read("templatePaths", op.templates);
    for (std::string& path : op.templates) path = absl::StrCat(folder_, "/", path);
    if (op.templates.empty()) in.Reject("templatePaths", "is required");
    return op;
  }

  DeletePods ReadDeletePods(ArgsReader& in) {
    DeletePods op;
    ReadCount(in, "intervalPods", op.interval);
    in.Read("namespace", op.namespace_);
    bool skip_wait = false;
    in.Read("skipWaitToCompletion", skip_wait);
    if (!skip_wait) in.Reject("skipWaitToCompletion", "want true");
    return op;
  }

  ChangeNodes ReadChangeNodes(ArgsReader& in) {
    ChangeNodes op;
    ReadCount(in, "intervalPods", op.interval);
    in.Read("ofOp", op.of_op);
    in.Read("stride", op.stride);
    if (op.of_op < 0 || op.stride < 0) in.Reject("", "want no negative numbers");
    return op;
  }

  const std::string folder_;
  std::string default_pod_template_;
};

const Count& CountOf(const Operation& operation) {
  static constexpr auto kCount = [](const auto& op) -> const Count& {
    static const Count kNone;
    if constexpr (requires { op.count; }) {
      return op.count;
    } else if constexpr (requires { op.interval; }) {
      return op.interval;
    } else {
      return kNone;
    }
  };
  return std::visit(kCount, operation);
}

bool IsMeasured(const Operation& operation) {
  const auto* pods = std::get_if<CreatePods>(&operation);
  return pods != nullptr && pods->measured;
}

// Adds what would make a run of the workload stop half way.
void CheckWorkload(const Workload& workload, ArgsReader& in) {
  const auto check = [&](const Count& count) {
    if (count.param.empty() || workload.params.count(count.param) != 0) return;
    in.Reject("params", absl::StrCat("there is no ", count.param));
  };
  for (const Operation& operation : workload.operations) {
    check(CountOf(operation));
    if (const auto* sets = std::get_if<CreatePodSets>(&operation)) check(sets->pods.count);
    const auto* change = std::get_if<ChangeNodes>(&operation);
    if (change != nullptr &&
        (change->of_op >= static_cast<std::int64_t>(workload.operations.size()) ||
         !std::holds_alternative<CreateNodes>(workload.operations[change->of_op]))) {
      in.Reject("", "changeNodes: ofOp names no createNodes");
    }
  }
  const auto measured =
      std::count_if(workload.operations.begin(), workload.operations.end(), IsMeasured);
  if (measured != 1 || !IsMeasured(workload.operations.back())) {
    in.Reject("", "want collectMetrics of the last operation, and of no other");
  }
}

absl::Status LoadFile(const std::string& path, std::vector<Workload>& workloads) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  ASSIGN_OR_RETURN(const std::vector<nlohmann::json> cases, kube::ParseYamlList(text, path));
  for (const nlohmann::json& element : cases) {
    ArgsReader in(element, path);
    const TestCase test_case =
        CaseReader(std::filesystem::path(path).parent_path().string()).ReadCase(in);
    in.ReadObjects("workloads", [&](ArgsReader& nested) {
      Workload workload;
      nested.Read("name", workload.name);
      workload.name = absl::StrCat(test_case.name, "/", workload.name);
      nested.Read("labels", workload.labels);
      workload.labels.insert(workload.labels.end(), test_case.labels.begin(),
                             test_case.labels.end());
      workload.scheduler_config = test_case.scheduler_config;
      workload.operations = test_case.operations;
      if (const nlohmann::json* params = nested.Take("params")) {
        for (const auto& [name, value] : params->items()) {
          if (value.is_number_integer()) workload.params[name] = value;
        }
      }
      nested.ReadObject("expect", [&](ArgsReader& expect) {
        expect.Read("placed", workload.expect.placed);
        expect.Read("pending", workload.expect.pending);
        expect.Read("evicted", workload.expect.evicted);
      });
      CheckWorkload(workload, nested);
      workloads.push_back(std::move(workload));
    });
    RETURN_IF_ERROR(Annotate(in.Finish(), absl::StrCat("case ", Quoted(test_case.name))));
  }
  return absl::OkStatus();
}

}  // namespace

bool Workload::HasLabel(const std::string& label) const {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

std::int64_t Workload::ValueOf(const Count& count) const {
  if (count.param.empty()) return count.value;
  const auto found = params.find(count.param);
  HS_CHECK(found != params.end(), "a parameter that the reader did not check");
  return found->second;
}

std::int64_t Workload::measured_pods() const { return ValueOf(CountOf(operations.back())); }

absl::StatusOr<std::vector<Workload>> LoadWorkloads(const std::string& path) {
  std::vector<std::string> files;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
      if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
  } else {
    files.push_back(path);
  }
  if (error) return absl::NotFoundError(absl::StrCat(path, ": ", error.message()));
  std::vector<Workload> workloads;
  for (const std::string& file : files) RETURN_IF_ERROR(LoadFile(file, workloads));
  return workloads;
}

}  // namespace heat_scheduler
