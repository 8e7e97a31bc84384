// Estimates what an object takes on the heap, for whoever keeps old versions within a budget.
//
// Counts what can be large: texts, labels, annotations, containers, images, taints, conditions.
// What is small and rare (affinity terms, volumes' sources) counts with its own size, not with what
// hangs on it. What objects share counts with each of them in part, rather too much than too
// little. Pure functions.
#pragma once

#include <cstddef>
#include <string>

#include "kube/codec.h"
#include "kube/objects.h"

namespace heat_scheduler::kube {

// Returns the bytes that a text takes beside itself: none while it is short.
std::size_t HeapBytesOf(const std::string& text);

// Return the bytes of an object, itself included.
std::size_t BytesOf(const Pod& pod);
std::size_t BytesOf(const Node& node);
std::size_t BytesOf(const Object& object);

}  // namespace heat_scheduler::kube
