// Documents of objects as the API has them, for those who have to hand objects on whole: ours keep
// only what scheduling reads.
//
// A document lives as long as its object, and with every Ref of it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "kube/codec.h"

namespace heat_scheduler::kube {

// Which objects keep their documents.
struct DocumentOptions {
  bool pending_pods = false;  // Pods on no node.
  bool nodes = false;
};

// Returns MakeJsonDecoder() that keeps those, without metadata.managedFields.
std::unique_ptr<Decoder> MakeDocumentKeepingDecoder(DocumentOptions options);

// Destroys an object and its document.
template <typename T>
struct DocumentKeeper {
  std::string document;
  void operator()(const T* object) const { delete object; }
};

// Returns a Ref that keeps the document.
template <typename T>
Ref<T> WithDocument(T object, std::string document) {
  return Ref<T>(new T(std::move(object)), DocumentKeeper<T>{std::move(document)});
}

// Returns the document that is kept with the object, or null.
template <typename T>
const std::string* DocumentOf(const Ref<T>& object) {
  const auto* keeper = std::get_deleter<DocumentKeeper<T>>(object);
  return keeper == nullptr ? nullptr : &keeper->document;
}

}  // namespace heat_scheduler::kube
