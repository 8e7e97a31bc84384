#include "scheduler/framework/cycle.h"

#include <stdexcept>
#include <string>

#include "absl/strings/str_cat.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

void CycleState::ThrowNotFound(const Plugin& owner) {
  throw std::runtime_error(
      absl::StrCat("error reading \"", std::string(owner.name()), "\" from cycleState: not found"));
}

}  // namespace heat_scheduler
