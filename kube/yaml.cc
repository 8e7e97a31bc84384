#include "kube/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "kube/yaml_scalar.h"

namespace heat_scheduler::kube {
namespace {

using nlohmann::json;

// What ends the parsing from inside the parser's callbacks.
struct Refusal {
  YAML::Mark mark;
  std::string problem;
};

struct Document {
  json value;
  YAML::Mark mark;
  int number = 0;  // Among all of the text, empty ones too, from 1.
};

// A value with what copying it by an alias costs.
struct Built {
  json value;
  std::size_t nodes = 1;
  int height = 0;  // Levels of lists and objects.
};

// Builds JSON from the parser's events, within the limits. The parser's own recursion ends with the
// limit of the depth, since the event of each level comes before the next level is read.
class DocumentBuilder final : public YAML::EventHandler {
 public:
  // How many documents have begun.
  int number() const { return number_; }

  // Returns the document that has just ended.
  Document Take() { return {std::move(root_), start_, number_}; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    ++number_;
    start_ = mark;
    root_ = nullptr;
    frames_.clear();
    anchors_.clear();
    written_ = copied_ = 0;
    aliases_ = 0;
  }

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    ++written_;
    Add(mark, anchor, {json(nullptr)});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    ++written_;
    if (ExpectsKey() && tag == "?" && text == "<<") {
      frames_.back().key = Key{std::string(), true};
      return;
    }
    absl::StatusOr<json> value = ResolveYamlScalar(tag, text);
    if (!value.ok()) Refuse(mark, ToStd(value.status().message()));
    Add(mark, anchor, {*std::move(value)});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    ++written_;
    if (++aliases_ > kMaxYamlAliases) {
      Refuse(mark, absl::StrCat("more than ", kMaxYamlAliases, " aliases"));
    }
    const auto anchored = anchors_.find(anchor);
    if (anchored == anchors_.end()) Refuse(mark, "the alias stands inside what it stands for");
    CheckDepth(mark, anchored->second.height);
    ChargeCopy(mark, anchored->second.nodes);
    Add(mark, YAML::NullAnchor, anchored->second);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(mark, anchor, json::array());
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(mark, anchor, json::object());
  }

  void OnSequenceEnd() override { Close(); }

  void OnMapEnd() override {
    Frame& frame = frames_.back();
    // Of merged objects the first one with a key gives its value.
    for (json& merged : frame.merged) {
      for (auto& [key, value] : merged.items()) frame.built.value.emplace(key, std::move(value));
    }
    Close();
  }

 private:
  struct Key {
    std::string name;
    bool merge = false;  // The key is <<.
  };

  // A list or an object that has begun and not ended.
  struct Frame {
    YAML::Mark mark;
    YAML::anchor_t anchor = YAML::NullAnchor;
    Built built;
    std::optional<Key> key;  // Of an object, once read.
    std::vector<json> merged;
  };

  [[noreturn]] static void Refuse(const YAML::Mark& mark, std::string_view problem) {
    throw Refusal{mark, std::string(problem)};
  }

  bool ExpectsKey() const {
    return !frames_.empty() && frames_.back().built.value.is_object() && !frames_.back().key;
  }

  void CheckDepth(const YAML::Mark& mark, int height) const {
    if (static_cast<int>(frames_.size()) + height > kMaxYamlDepth) {
      Refuse(mark, absl::StrCat("nested deeper than ", kMaxYamlDepth, " levels"));
    }
  }

  void ChargeCopy(const YAML::Mark& mark, std::size_t nodes) {
    copied_ += nodes;
    if (written_ + copied_ > std::max(kFreeYamlNodes, kMaxYamlExpansion * written_)) {
      Refuse(mark, absl::StrCat("its aliases make the document more than ", kMaxYamlExpansion,
                                " times as large as it is written"));
    }
  }

  void Open(const YAML::Mark& mark, YAML::anchor_t anchor, json empty) {
    ++written_;
    if (ExpectsKey()) Refuse(mark, "a key is text, a number or a boolean, not a list or an object");
    CheckDepth(mark, 1);
    Frame frame;
    frame.mark = mark;
    frame.anchor = anchor;
    frame.built = {std::move(empty), 1, 1};
    frames_.push_back(std::move(frame));
  }

  void Close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    Add(frame.mark, frame.anchor, std::move(frame.built));
  }

  // Puts a finished value where it belongs, and keeps a copy of it if it has an anchor.
  void Add(const YAML::Mark& mark, YAML::anchor_t anchor, Built built) {
    if (anchor != YAML::NullAnchor) {
      ChargeCopy(mark, built.nodes);
      anchors_[anchor] = built;
    }
    if (frames_.empty()) {
      root_ = std::move(built.value);
      return;
    }
    if (ExpectsKey()) {
      TakeKey(mark, built.value);
      return;
    }
    Frame& parent = frames_.back();
    parent.built.nodes += built.nodes;
    parent.built.height = std::max(parent.built.height, built.height + 1);
    if (parent.built.value.is_array()) {
      parent.built.value.push_back(std::move(built.value));
    } else if (parent.key->merge) {
      Merge(mark, std::move(built.value), parent);
      parent.key.reset();
    } else {
      parent.built.value[parent.key->name] = std::move(built.value);
      parent.key.reset();
    }
  }

  void TakeKey(const YAML::Mark& mark, const json& value) {
    Frame& frame = frames_.back();
    if (value.is_structured()) Refuse(mark, "a key is text, a number or a boolean");
    absl::StatusOr<std::string> name = YamlKey(value);
    if (!name.ok()) Refuse(mark, ToStd(name.status().message()));
    if (frame.built.value.contains(*name)) {
      Refuse(mark, absl::StrCat("key ", Quoted(*name), " is given twice"));
    }
    frame.key = Key{*std::move(name), false};
  }

  static void Merge(const YAML::Mark& mark, json value, Frame& into) {
    if (!value.is_array()) value = json::array({std::move(value)});
    for (json& object : value) {
      if (!object.is_object()) Refuse(mark, "<< takes an object or a list of objects");
      into.merged.push_back(std::move(object));
    }
  }

  int number_ = 0;
  YAML::Mark start_;
  json root_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Built> anchors_;
  std::size_t written_ = 0;  // Nodes that the document has as it is written.
  std::size_t copied_ = 0;   // Nodes that were copied for anchors and aliases.
  int aliases_ = 0;
};

// Returns an error at a place of the text, counted from 0, in the document of that number if it is
// not 0.
absl::Status ErrorAt(std::string_view source, int line, int column, int number,
                     std::string_view problem) {
  const std::string document = number == 0 ? "" : absl::StrCat("document ", number, ": ");
  return absl::InvalidArgumentError(absl::StrCat(ToAbsl(source), ":", line + 1, ":", column + 1,
                                                 ": ", document, ToAbsl(problem)));
}

bool IsDocumentMarker(std::string_view line) {
  return line.substr(0, 3) == "---" &&
         (line.size() == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\r');
}

// Checks, line by line, what the parser would take in silence or choke on: characters that YAML
// does not allow (one of them ends its input), bytes that are no UTF-8, and documents that are too
// large.
absl::Status CheckText(std::string_view text, std::string_view source,
                       std::size_t max_document_bytes) {
  std::size_t document_bytes = 0;
  for (int line_number = 0; !text.empty(); ++line_number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    document_bytes = IsDocumentMarker(line) ? 0 : document_bytes + line.size() + 1;
    if (document_bytes > max_document_bytes) {
      return ErrorAt(source, line_number, 0, 0,
                     absl::StrCat("the document is larger than ", max_document_bytes, " bytes"));
    }
    const auto control = std::find_if(line.begin(), line.end(), [](unsigned char c) {
      return (c < 0x20 && c != '\t' && c != '\r') || c == 0x7f;
    });
    if (control != line.end()) {
      return ErrorAt(source, line_number, static_cast<int>(control - line.begin()), 0,
                     "a control character; is the file text in UTF-8?");
    }
    if (!IsUtf8(line)) {
      return ErrorAt(source, line_number, 0, 0, "the line is no UTF-8");
    }
  }
  return absl::OkStatus();
}

enum class Shape { kObject, kList };

absl::StatusOr<std::vector<Document>> ParseDocuments(std::string_view text, std::string_view source,
                                                     std::size_t max_document_bytes,
                                                     Shape wanted = Shape::kObject) {
  RETURN_IF_ERROR(CheckText(text, source, max_document_bytes));
  std::vector<Document> documents;
  DocumentBuilder builder;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
      Document document = builder.Take();
      if (document.value.is_null()) continue;
      const json& value = document.value;
      if (!(wanted == Shape::kObject ? value.is_object() : value.is_array())) {
        return ErrorAt(
            source, document.mark.line, document.mark.column, document.number,
            absl::StrCat("expected ",
                         wanted == Shape::kObject ? "an object of keys and values" : "a list",
                         ", found ",
                         value.is_array()    ? "a list"
                         : value.is_object() ? "an object"
                                             : "a single value"));
      }
      documents.push_back(std::move(document));
    }
  } catch (const Refusal& refusal) {
    return ErrorAt(source, refusal.mark.line, refusal.mark.column, builder.number(),
                   refusal.problem);
  } catch (const YAML::Exception& error) {
    return ErrorAt(source, std::max(error.mark.line, 0), std::max(error.mark.column, 0),
                   std::max(builder.number(), 1), error.msg);
  }
  return documents;
}

// Appends the object, or the objects of a list. `what` says which object it is, for errors.
absl::Status Flatten(json object, const std::string& what, std::vector<json>& out) {
  if (!object.is_object())
    return absl::InvalidArgumentError(absl::StrCat(what, "expected an object"));
  for (const char* key : {"apiVersion", "kind"}) {
    const auto field = object.find(key);
    if (field == object.end() || !field->is_string() || field->get_ref<std::string&>().empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(what, key, " is missing: a manifest needs an apiVersion and a kind"));
    }
  }
  const std::string kind = object["kind"];
  const auto items = object.find("items");
  const bool has_items = items != object.end() && items->is_array();
  if (kind != "List" && !(has_items && absl::EndsWith(kind, "List"))) {
    out.push_back(std::move(object));
    return absl::OkStatus();
  }
  if (items == object.end() || items->is_null()) return absl::OkStatus();
  if (!has_items) return absl::InvalidArgumentError(absl::StrCat(what, "items is no list"));
  for (std::size_t i = 0; i < items->size(); ++i) {
    RETURN_IF_ERROR(Flatten(std::move((*items)[i]), absl::StrCat(what, "items[", i, "]: "), out));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<json>> ParseYaml(std::string_view text, std::string_view source) {
  ASSIGN_OR_RETURN(std::vector<Document> documents, ParseDocuments(text, source, kMaxYamlBytes));
  std::vector<json> values;
  for (Document& document : documents) values.push_back(std::move(document.value));
  return values;
}

absl::StatusOr<std::vector<json>> ParseYamlList(std::string_view text, std::string_view source) {
  ASSIGN_OR_RETURN(std::vector<Document> documents,
                   ParseDocuments(text, source, kMaxYamlBytes, Shape::kList));
  if (documents.empty()) return std::vector<json>();
  if (documents.size() > 1) {
    const Document& second = documents[1];
    return ErrorAt(source, second.mark.line, second.mark.column, second.number,
                   "expected one document");
  }
  return documents.front().value.get<std::vector<json>>();
}

absl::StatusOr<std::vector<json>> ParseManifests(std::string_view text, std::string_view source,
                                                 std::size_t max_document_bytes) {
  ASSIGN_OR_RETURN(std::vector<Document> documents,
                   ParseDocuments(text, source, max_document_bytes));
  std::vector<json> objects;
  for (Document& document : documents) {
    const absl::Status status = Flatten(std::move(document.value), "", objects);
    if (!status.ok()) {
      return ErrorAt(source, document.mark.line, document.mark.column, document.number,
                     ToStd(status.message()));
    }
  }
  return objects;
}

}  // namespace heat_scheduler::kube
