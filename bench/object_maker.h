// Makes the objects of a workload from its templates, as an API server would show them.
//
// Names, UIDs and what becomes of claims and volumes: bench/workloads/README.md. A template is read
// once, and decoded once for each text that comes of it. Every method returns an error that names
// the template for one that cannot be read. Thread-compatible.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/text_template.h"
#include "bench/workload.h"
#include "kube/codec.h"
#include "kube/objects.h"

namespace heat_scheduler {

class ObjectMaker {
 public:
  // Of an object among those of its operation.
  struct Place {
    std::size_t op = 0;      // Position of the operation.
    std::int64_t index = 0;  // Number within the operation.
    std::int64_t count = 1;  // Of objects that the operation makes.
    std::int64_t version = 0;
  };

  explicit ObjectMaker(const Workload& workload);
  ~ObjectMaker();

  // Returns the node, and its CSINode if the operation states any volumes.
  absl::StatusOr<std::vector<kube::Object>> Node(const CreateNodes& op, const Place& place);

  // Returns the pod, behind its claim and volume if the operation states any.
  absl::StatusOr<std::vector<kube::Object>> Pod(const CreatePods& op, const Place& place,
                                                const std::string& namespace_);

  // Returns an object of any kind; the namespace is for kinds that have one.
  absl::StatusOr<kube::Object> Any(const std::string& path, const Place& place,
                                   const std::string& namespace_);

  // Returns a namespace; an empty path: with no labels of its own.
  absl::StatusOr<kube::Object> Namespace(const std::string& path, const std::string& name);

 private:
  // What a template decodes to, before it has a name.
  struct Draft;
  struct Source;

  absl::StatusOr<const Draft*> DraftOf(const std::string& path, const Place& place);
  absl::StatusOr<std::unique_ptr<Draft>> Decode(const std::string& text, const std::string& path);

  const TemplateVariables params_;
  const std::unique_ptr<kube::Decoder> decoder_;
  std::map<std::string, std::unique_ptr<Source>> sources_;  // By path.
};

}  // namespace heat_scheduler
