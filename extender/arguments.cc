#include "extender/arguments.h"

#include <simdjson.h>

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"

namespace heat_scheduler {
namespace {

namespace ondemand = simdjson::ondemand;

bool Is(std::string_view key, std::string_view name) {
  return absl::EqualsIgnoreCase(ToAbsl(key), ToAbsl(name));
}

absl::Status Unreadable(std::string_view where, simdjson::error_code error) {
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(where), where.empty() ? "" : ": ",
                   "it is no JSON that can be read: ", simdjson::error_message(error)));
}

absl::Status Expected(std::string_view where, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(where), where.empty() ? "" : ": ", "expected ", ToAbsl(what)));
}

// What comes after a value's end, up to the next token, is not its own.
std::string_view WithoutBlanks(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  return text.substr(0, end + 1);
}

bool IsNull(ondemand::value& value) {
  ondemand::json_type type{};
  return value.type().get(type) == simdjson::SUCCESS && type == ondemand::json_type::null;
}

// Returns the bytes of an object.
absl::StatusOr<std::string_view> BytesOf(ondemand::value& value, std::string_view where) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return Expected(where, "an object");
  std::string_view bytes;
  if (const auto error = object.raw_json().get(bytes)) return Unreadable(where, error);
  return WithoutBlanks(bytes);
}

// Calls field(key, value) for each field of an object that is not null; it returns a status.
template <typename Object, typename Field>
absl::Status ForEachField(Object&& object, std::string_view where, Field field) {
  for (auto entry : object) {
    std::string_view key;
    if (const auto error = entry.unescaped_key().get(key)) return Unreadable(where, error);
    ondemand::value value;
    if (const auto error = entry.value().get(value)) return Unreadable(where, error);
    if (IsNull(value)) continue;
    RETURN_IF_ERROR(field(key, value));
  }
  return absl::OkStatus();
}

// Calls item(value, where) for each item of an array; it returns a status.
template <typename Item>
absl::Status ForEachItem(ondemand::value& value, const std::string& where, Item item) {
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return Expected(where, "an array");
  std::size_t index = 0;
  for (auto entry : array) {
    ondemand::value one;
    if (const auto error = entry.get(one)) return Unreadable(where, error);
    RETURN_IF_ERROR(item(one, index));
    ++index;
  }
  return absl::OkStatus();
}

std::string At(std::string_view list, std::size_t index) {
  return absl::StrCat(ToAbsl(list), "[", index, "]");
}

absl::Status ReadItems(ondemand::value& value, std::vector<std::string_view>& items) {
  return ForEachItem(value, "Nodes.items", [&](ondemand::value& one, std::size_t index) {
    const absl::StatusOr<std::string_view> bytes = BytesOf(one, "");
    if (!bytes.ok()) return Annotate(bytes.status(), At("Nodes.items", index));
    items.push_back(*bytes);
    return absl::OkStatus();
  });
}

absl::Status ReadNodes(ondemand::value& value, std::vector<std::string_view>& items) {
  items.clear();
  ondemand::object list;
  if (value.get_object().get(list) != simdjson::SUCCESS) return Expected("Nodes", "an object");
  return ForEachField(list, "Nodes", [&](std::string_view key, ondemand::value& field) {
    if (!Is(key, "items")) return absl::OkStatus();
    items.clear();
    return ReadItems(field, items);
  });
}

absl::Status ReadNames(ondemand::value& value, std::vector<std::string_view>& names) {
  names.clear();
  return ForEachItem(value, "NodeNames", [&](ondemand::value& one, std::size_t index) {
    std::string_view name;
    if (one.get_string().get(name) != simdjson::SUCCESS) {
      return Expected(At("NodeNames", index), "a string");
    }
    names.push_back(name);
    return absl::OkStatus();
  });
}

absl::Status ReadText(ondemand::value& value, std::string_view where, std::string& text) {
  std::string_view view;
  if (value.get_string().get(view) != simdjson::SUCCESS) return Expected(where, "a string");
  text = std::string(view);
  return absl::OkStatus();
}

// The UID of a victim: of its metadata, or of the MetaPod that stands for it.
absl::Status ReadVictim(ondemand::value& value, const std::string& where, std::string& uid) {
  ondemand::object victim;
  if (value.get_object().get(victim) != simdjson::SUCCESS) return Expected(where, "an object");
  RETURN_IF_ERROR(ForEachField(
      victim, where, [&](std::string_view key, ondemand::value& field) -> absl::Status {
        if (Is(key, "UID")) return ReadText(field, where + ".UID", uid);
        if (key != "metadata") return absl::OkStatus();
        ondemand::object metadata;
        if (field.get_object().get(metadata) != simdjson::SUCCESS) {
          return Expected(where + ".metadata", "an object");
        }
        return ForEachField(metadata, where,
                            [&](std::string_view name, ondemand::value& text) -> absl::Status {
                              if (name != "uid") return absl::OkStatus();
                              return ReadText(text, where + ".metadata.uid", uid);
                            });
      }));
  return uid.empty() ? Expected(where, "a UID") : absl::OkStatus();
}

absl::Status ReadVictims(ondemand::value& value, const std::string& where, NodeVictims& victims) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return Expected(where, "an object");
  return ForEachField(object, where, [&](std::string_view key, ondemand::value& field) {
    if (Is(key, "NumPDBViolations")) {
      const bool read = field.get_int64().get(victims.pdb_violations) == simdjson::SUCCESS;
      return read ? absl::OkStatus() : Expected(where + ".NumPDBViolations", "an integer");
    }
    if (!Is(key, "Pods")) return absl::OkStatus();
    victims.uids.clear();
    const std::string list = where + ".Pods";
    return ForEachItem(field, list, [&](ondemand::value& one, std::size_t index) {
      return ReadVictim(one, At(list, index), victims.uids.emplace_back());
    });
  });
}

// Reads the nodes of one form, each in the place where it was first named.
absl::Status ReadNodeVictims(ondemand::value& value, std::string_view where,
                             absl::flat_hash_map<std::string, std::size_t>& places,
                             std::vector<NodeVictims>& nodes) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return Expected(where, "an object");
  return ForEachField(object, where, [&](std::string_view name, ondemand::value& field) {
    const auto [place, added] = places.try_emplace(std::string(name), nodes.size());
    if (added) nodes.emplace_back();
    NodeVictims& victims = nodes[place->second];
    victims = NodeVictims();
    victims.node = std::string(name);
    return ReadVictims(field, absl::StrCat(ToAbsl(where), "[", Quoted(name), "]"), victims);
  });
}

}  // namespace

class ArgumentsReader::Impl {
 public:
  // Calls field(key, value) for each field of the object that the body is.
  template <typename Field>
  absl::Status Read(const std::string& body, Field field) {
    std::string_view text = body;
    // The parser reads past the end, so that the text needs room after it.
    if (body.capacity() - body.size() < simdjson::SIMDJSON_PADDING) {
      padded_.reserve(body.size() + simdjson::SIMDJSON_PADDING);
      padded_ = body;
      text = padded_;
    }
    ondemand::document document;
    if (const auto error =
            parser_.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING)
                .get(document)) {
      return Unreadable("", error);
    }
    ondemand::object object;
    if (const auto error = document.get_object().get(object)) {
      return error == simdjson::INCORRECT_TYPE ? Expected("", "an object") : Unreadable("", error);
    }
    RETURN_IF_ERROR(ForEachField(object, "", field));
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
      return absl::InvalidArgumentError("something follows the end of the object");
    }
    return absl::OkStatus();
  }

 private:
  ondemand::parser parser_;
  std::string padded_;
};

ArgumentsReader::ArgumentsReader() : impl_(std::make_unique<Impl>()) {}
ArgumentsReader::~ArgumentsReader() = default;

absl::StatusOr<ExtenderArguments> ArgumentsReader::ReadArguments(const std::string& body) {
  ExtenderArguments arguments;
  const absl::Status status =
      impl_->Read(body, [&](std::string_view key, ondemand::value& value) -> absl::Status {
        if (Is(key, "Pod")) {
          ASSIGN_OR_RETURN(arguments.pod, BytesOf(value, "Pod"));
        } else if (Is(key, "Nodes")) {
          return ReadNodes(value, arguments.nodes.emplace());
        } else if (Is(key, "NodeNames")) {
          return ReadNames(value, arguments.node_names.emplace());
        }
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return arguments;
}

absl::StatusOr<BindingArguments> ArgumentsReader::ReadBinding(const std::string& body) {
  BindingArguments arguments;
  const absl::Status status =
      impl_->Read(body, [&](std::string_view key, ondemand::value& value) -> absl::Status {
        if (Is(key, "PodName")) return ReadText(value, "PodName", arguments.pod_name);
        if (Is(key, "PodNamespace")) {
          return ReadText(value, "PodNamespace", arguments.pod_namespace);
        }
        if (Is(key, "PodUID")) return ReadText(value, "PodUID", arguments.pod_uid);
        if (Is(key, "Node")) return ReadText(value, "Node", arguments.node);
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return arguments;
}

absl::StatusOr<PreemptionArguments> ArgumentsReader::ReadPreemption(const std::string& body) {
  PreemptionArguments arguments;
  absl::flat_hash_map<std::string, std::size_t> places;
  const absl::Status status =
      impl_->Read(body, [&](std::string_view key, ondemand::value& value) -> absl::Status {
        if (Is(key, "Pod")) {
          ASSIGN_OR_RETURN(arguments.pod, BytesOf(value, "Pod"));
        } else if (Is(key, "NodeNameToVictims") || Is(key, "nodeToVictims") ||
                   Is(key, "NodeNameToMetaVictims")) {
          return ReadNodeVictims(value, key, places, arguments.nodes);
        }
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return arguments;
}

}  // namespace heat_scheduler
