// One immutable version of one object: its tree, and its text made once and shared.
//
// The text goes to list responses and watchers without being made again. Documents are shared as
// DocumentRef. Belongs to one thread, the loop's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cluster/json.h"

namespace heat_scheduler::cluster {

class Document {
 public:
  // Takes a stored object, whose metadata.resourceVersion is `resource_version`.
  Document(Json json, std::int64_t resource_version);
  ~Document();

  const Json& json() const { return *json_; }
  std::int64_t resource_version() const { return resource_version_; }
  std::string_view name() const;
  std::string_view namespace_() const;

  // Returns the object as compact JSON text, made at the first call.
  const std::shared_ptr<const std::string>& text() const;

 private:
  const std::unique_ptr<const Json> json_;
  const std::int64_t resource_version_;
  mutable std::shared_ptr<const std::string> text_;
};

using DocumentRef = std::shared_ptr<const Document>;

}  // namespace heat_scheduler::cluster
