// What names, label keys and label values may be, in the words of the real server's refusals.
//
// Source: k8s.io/apimachinery pkg/util/validation/validation.go,
// k8s.io/apiserver pkg/storage/names/generate.go (v0.36). Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "cluster/kinds.h"

namespace heat_scheduler::cluster {

// Each returns why the text is refused, or nothing if it is fine.
std::string NameError(const ResourceInfo& resource, std::string_view name);
std::string QualifiedNameError(std::string_view key);
std::string LabelValueError(std::string_view value);

// Returns `base`, cut to fit, with five random characters behind it.
std::string GenerateName(std::string_view base, Random& random);

// Returns the text with A-Z made small.
std::string AsciiLower(std::string_view text);

}  // namespace heat_scheduler::cluster
