// Reads typed fields out of parsed JSON, keeping the path for error messages.
//
// Every method returns false once something does not fit; error() then names the field and what is
// wrong: "spec.containers[0].resources.requests.cpu: ...". The first failure ends the reading of
// the object. Null is the same as absent: the target keeps its default. Fields come one by one, in
// the document's order, so of a key given twice the last one holds, provided that the decoder of an
// object starts from a fresh value. Thread-compatible; views borrow from the parser's document.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "kube/objects.h"

namespace heat_scheduler::kube {

class JsonReader {
 public:
  using Value = simdjson::dom::element;

  // Forgets path and error, for the next object.
  void Reset();

  // Calls field(key, value) for each field of an object that is not null. `field` returns false to
  // stop, true otherwise, also for a key that it does not know.
  template <typename Field>
  bool Fields(Value value, Field field);

  // Calls item(value) for each item of an array that is not null.
  template <typename Item>
  bool Items(Value value, Item item);

  // Reads an array of objects, each by decode(reader, value, T&). A null item is a default T, so
  // that indices stay those of the document.
  template <typename T, typename DecodeItem>
  bool List(Value value, std::vector<T>& out, DecodeItem decode);

  // The same by the function Decode(reader, value, T&).
  template <typename T>
  bool List(Value value, std::vector<T>& out);

  // Reads one optional object by the function Decode(reader, value, T&): null clears it, {} sets
  // it.
  template <typename T>
  bool Optional(Value value, std::optional<T>& out);

  bool String(Value value, std::string& out);
  // As String, and the default takes the place of empty text.
  bool StringOr(Value value, std::string_view default_value, std::string& out);
  // Text that is looked at, not kept: null is empty.
  bool Text(Value value, std::string_view& out);
  bool Bool(Value value, bool& out);
  // Whole numbers, written without point or exponent; out of range is a failure.
  bool Int32(Value value, std::int32_t& out);
  bool Int64(Value value, std::int64_t& out);
  bool Int32(Value value, std::optional<std::int32_t>& out);
  bool Int64(Value value, std::optional<std::int64_t>& out);
  // RFC 3339.
  bool Time(Value value, std::optional<absl::Time>& out);
  // Text, or a bare number as Kubernetes also takes it.
  bool Amount(Value value, Quantity& out);
  bool Amounts(Value value, ResourceList& out);
  bool Strings(Value value, StringMap& out);
  bool Strings(Value value, std::vector<std::string>& out);
  // The keys of an object, sorted, each once.
  bool Keys(Value value, std::vector<std::string>& out);

  // Records that the current field does not fit. Returns false.
  bool Fail(std::string_view problem);
  // The same for one field of the current object.
  bool FailAt(std::string_view key, std::string_view problem);

  // "path: problem", or empty.
  const std::string& error() const { return error_; }

 private:
  struct Segment {
    std::string_view key;   // Of an object's field.
    std::size_t index = 0;  // Of an array's item, when key.data() is null.
  };

  // Reads an object of which each value is read by `read`.
  template <typename T>
  bool Map(Value value, TextMap<T>& out, bool (JsonReader::*read)(Value, T&));
  bool Integer(Value value, std::int64_t min, std::int64_t max, std::int64_t& out);
  bool FailType(std::string_view wanted, Value found);

  std::vector<Segment> path_;
  std::string error_;
};

// Returns the value of the object's last field of that name; nothing if there is none, it is null
// or `value` is no object.
std::optional<JsonReader::Value> FindField(JsonReader::Value value, std::string_view key);

// Returns the text of such a field, or empty text.
std::string_view FindText(JsonReader::Value value, std::string_view key);

template <typename Field>
bool JsonReader::Fields(Value value, Field field) {
  if (value.is_null()) return true;
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return FailType("an object", value);
  path_.emplace_back();
  for (const simdjson::dom::key_value_pair entry : object) {
    path_.back().key = entry.key;
    if (!field(entry.key, entry.value)) return false;
  }
  path_.pop_back();
  return true;
}

template <typename Item>
bool JsonReader::Items(Value value, Item item) {
  if (value.is_null()) return true;
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return FailType("an array", value);
  path_.emplace_back();
  for (const Value entry : array) {
    if (!item(entry)) return false;
    ++path_.back().index;
  }
  path_.pop_back();
  return true;
}

template <typename T, typename DecodeItem>
bool JsonReader::List(Value value, std::vector<T>& out, DecodeItem decode) {
  out.clear();
  return Items(value, [&](Value entry) { return decode(*this, entry, out.emplace_back()); });
}

template <typename T>
bool JsonReader::List(Value value, std::vector<T>& out) {
  return List(value, out,
              [](JsonReader& in, Value entry, T& item) { return Decode(in, entry, item); });
}

template <typename T>
bool JsonReader::Map(Value value, TextMap<T>& out, bool (JsonReader::*read)(Value, T&)) {
  std::vector<std::pair<std::string, T>> entries;
  const bool ok = Fields(value, [&](std::string_view key, Value field) {
    return (this->*read)(field, entries.emplace_back(key, T()).second);
  });
  out = TextMap<T>::Of(std::move(entries));
  return ok;
}

template <typename T>
bool JsonReader::Optional(Value value, std::optional<T>& out) {
  out.reset();
  return value.is_null() || Decode(*this, value, out.emplace());
}

}  // namespace heat_scheduler::kube
