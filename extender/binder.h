// Binds pods for schedulers that leave that to their extender.
#pragma once

#include <functional>
#include <string>

#include "extender/arguments.h"

namespace heat_scheduler {

class ExtenderBinder {
 public:
  // Empty: the pod is bound as asked. Else why it surely or perhaps is not.
  using Done = std::function<void(const std::string& error)>;

  virtual ~ExtenderBinder() = default;

  // Binds the pod if pod, UID and node are those of the cluster and the pod is on no node yet.
  // Calls `done` once, at once or later.
  virtual void Bind(const BindingArguments& arguments, Done done) = 0;
};

}  // namespace heat_scheduler
