// Reads one key of a ConfigMap.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "kube/client/requester.h"

namespace heat_scheduler {

struct ConfigMapKey {
  std::string namespace_;
  std::string name;
  std::string key;  // Of `data`.
};

// Calls `done` once with the text; NotFound if there is no such ConfigMap or it has no such key. An
// error names both. Borrows the requester.
void ReadConfigMapKey(kube::Requester& requester, const ConfigMapKey& key,
                      std::function<void(absl::StatusOr<std::string>)> done);

}  // namespace heat_scheduler
