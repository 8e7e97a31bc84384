#include "extender/client/messages.h"

#include <simdjson.h>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "kube/documents.h"

namespace heat_scheduler {
namespace {

namespace dom = simdjson::dom;

void AppendText(std::string_view text, std::string& out) {
  out += '"';
  AppendJsonEscaped(out, text);
  out += '"';
}

void AppendField(std::string_view key, std::string_view text, std::string& out) {
  absl::StrAppend(&out, "\"", ToAbsl(key), "\":");
  AppendText(text, out);
}

absl::Status Expected(std::string_view where, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(where), where.empty() ? "" : ": ", "expected ", ToAbsl(what)));
}

absl::Status ReadText(dom::element value, std::string_view where, std::string& text) {
  std::string_view view;
  if (value.get_string().get(view) != simdjson::SUCCESS) return Expected(where, "a string");
  text = std::string(view);
  return absl::OkStatus();
}

// Calls field(key, value) for each field of an object that is not null; it returns a status.
template <typename Field>
absl::Status ForEachField(dom::element value, std::string_view where, Field field) {
  if (value.is_null()) return absl::OkStatus();
  dom::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return Expected(where, "an object");
  for (const dom::key_value_pair entry : object) {
    if (!entry.value.is_null()) RETURN_IF_ERROR(field(entry.key, entry.value));
  }
  return absl::OkStatus();
}

// Calls item(value, where) for each item of an array; it returns a status.
template <typename Item>
absl::Status ForEachItem(dom::element value, std::string_view where, Item item) {
  dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return Expected(where, "an array");
  std::size_t index = 0;
  for (const dom::element one : array) {
    RETURN_IF_ERROR(item(one, absl::StrCat(ToAbsl(where), "[", index++, "]")));
  }
  return absl::OkStatus();
}

bool Is(std::string_view key, std::string_view name) {
  return absl::EqualsIgnoreCase(ToAbsl(key), ToAbsl(name));
}

absl::Status ReadNodes(dom::element value, std::vector<std::string>& names) {
  return ForEachField(value, "Nodes", [&](std::string_view key, dom::element list) {
    if (!Is(key, "items")) return absl::OkStatus();
    names.clear();
    return ForEachItem(list, "Nodes.items", [&](dom::element node, const std::string& where) {
      std::string name;
      RETURN_IF_ERROR(ForEachField(node, where, [&](std::string_view part, dom::element metadata) {
        if (!Is(part, "metadata")) return absl::OkStatus();
        return ForEachField(metadata, where, [&](std::string_view field, dom::element text) {
          return Is(field, "name") ? ReadText(text, where + ".metadata.name", name)
                                   : absl::OkStatus();
        });
      }));
      if (name.empty()) return Expected(where + ".metadata.name", "the name of a node");
      names.push_back(std::move(name));
      return absl::OkStatus();
    });
  });
}

absl::Status ReadNames(dom::element value, std::vector<std::string>& names) {
  return ForEachItem(value, "NodeNames", [&](dom::element one, const std::string& where) {
    return ReadText(one, where, names.emplace_back());
  });
}

absl::Status ReadReasons(dom::element value, std::string_view where,
                         std::map<std::string, std::string>& reasons) {
  reasons.clear();
  return ForEachField(value, where, [&](std::string_view node, dom::element text) {
    return ReadText(text, absl::StrCat(ToAbsl(where), "[", Quoted(node), "]"),
                    reasons[std::string(node)]);
  });
}

// Parses the body and has it read; the parser holds what is read.
template <typename Read>
absl::Status Parse(std::string_view body, Read read) {
  dom::parser parser;
  dom::element value;
  if (const auto error = parser.parse(body.data(), body.size()).get(value)) {
    return absl::InvalidArgumentError(
        absl::StrCat("it is no JSON that can be read: ", simdjson::error_message(error)));
  }
  return read(value);
}

}  // namespace

absl::StatusOr<std::string> WriteArguments(const PodObjectRef& pod, absl::Span<const NodeRef> nodes,
                                           bool names) {
  const std::string* const pod_document = kube::DocumentOf(pod);
  if (pod_document == nullptr) {
    return absl::FailedPreconditionError("the pod's document was not kept");
  }
  std::string out = absl::StrCat("{\"Pod\":", *pod_document);
  absl::StrAppend(
      &out, names ? ",\"Nodes\":null,\"NodeNames\":[" : ",\"Nodes\":{\"metadata\":{},\"items\":[");
  bool first = true;
  for (const NodeRef& node : nodes) {
    if (!first) out += ',';
    first = false;
    if (names) {
      AppendText(node->metadata.name, out);
    } else if (const std::string* document = kube::DocumentOf(node)) {
      out += *document;
    } else {
      return absl::FailedPreconditionError(
          absl::StrCat("the document of node ", Quoted(node->metadata.name), " was not kept"));
    }
  }
  out += names ? "]}" : "]},\"NodeNames\":null}";
  return out;
}

std::string WriteBindingArguments(const PodRef& pod, std::string_view node) {
  std::string out = "{";
  AppendField("PodName", pod.name, out);
  out += ',';
  AppendField("PodNamespace", pod.namespace_, out);
  out += ',';
  AppendField("PodUID", pod.uid, out);
  out += ',';
  AppendField("Node", node, out);
  out += '}';
  return out;
}

absl::StatusOr<FilterReply> ReadFilterReply(std::string_view body) {
  FilterReply reply;
  RETURN_IF_ERROR(Parse(body, [&](dom::element value) {
    return ForEachField(value, "", [&](std::string_view key, dom::element field) {
      if (Is(key, "Nodes")) return ReadNodes(field, reply.nodes.emplace());
      if (Is(key, "NodeNames")) return ReadNames(field, reply.node_names.emplace());
      if (Is(key, "FailedNodes")) return ReadReasons(field, "FailedNodes", reply.failed);
      if (Is(key, "FailedAndUnresolvableNodes")) {
        return ReadReasons(field, "FailedAndUnresolvableNodes", reply.unresolvable);
      }
      if (Is(key, "Error")) return ReadText(field, "Error", reply.error);
      return absl::OkStatus();
    });
  }));
  return reply;
}

absl::StatusOr<std::vector<std::pair<std::string, std::int64_t>>> ReadPrioritizeReply(
    std::string_view body) {
  std::vector<std::pair<std::string, std::int64_t>> scores;
  RETURN_IF_ERROR(Parse(body, [&](dom::element value) -> absl::Status {
    if (value.is_null()) return absl::OkStatus();
    return ForEachItem(value, "", [&](dom::element one, const std::string& where) {
      auto& [host, score] = scores.emplace_back();
      return ForEachField(one, where, [&](std::string_view key, dom::element field) {
        if (Is(key, "Host")) return ReadText(field, where + ".Host", host);
        if (!Is(key, "Score")) return absl::OkStatus();
        const bool read = field.get_int64().get(score) == simdjson::SUCCESS;
        return read ? absl::OkStatus() : Expected(where + ".Score", "an integer");
      });
    });
  }));
  return scores;
}

absl::StatusOr<std::string> ReadBindingReply(std::string_view body) {
  std::string error;
  RETURN_IF_ERROR(Parse(body, [&](dom::element value) {
    return ForEachField(value, "", [&](std::string_view key, dom::element field) {
      return Is(key, "Error") ? ReadText(field, "Error", error) : absl::OkStatus();
    });
  }));
  return error;
}

}  // namespace heat_scheduler
