// Who is told what a reflector sees. An interface of kube/client, implemented by the drivers.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "kube/codec.h"

namespace heat_scheduler::kube {

// Calls come one after the other on the loop's thread. Stop may be called inside; the reflector may
// not be destroyed inside.
class ReflectorHandler {
 public:
  virtual ~ReflectorHandler() = default;

  // The object is new, or differs from what was last handed on under its name and UID. For a name
  // that comes back with another UID, OnDelete of the former object comes first.
  virtual void OnUpsert(const Object& object) = 0;

  // The object is gone. `last_known` is what was last handed to OnUpsert.
  virtual void OnDelete(const Object& last_known) = 0;

  // A list is complete: everything that exists has been handed on. Called after each list, the
  // first of which makes the view complete.
  virtual void OnSynced() = 0;

  // The server sent an object that cannot be read. The last good version, if any, stays in force.
  virtual void OnBadObject(Kind kind, const std::string& key, const absl::Status& error) = 0;

  // Listing or watching failed and will be tried again after a pause; `error` says what to do.
  virtual void OnTrouble(Kind kind, const absl::Status& error) = 0;
};

}  // namespace heat_scheduler::kube
