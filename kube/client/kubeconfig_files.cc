#include "kube/client/kubeconfig_files.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "kube/yaml.h"

namespace heat_scheduler::kube {
namespace {

using nlohmann::json;

// Adds the entries of one list ("clusters", whose items have a name and a "cluster"), unless their
// names are taken by an earlier file.
absl::Status AddEntries(const json& document, std::string_view list, std::string_view item_key,
                        const std::string& file, MergedKubeconfig::Entries& entries) {
  const auto found = document.find(list);
  if (found == document.end() || found->is_null()) return absl::OkStatus();
  if (!found->is_array()) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(list), " is not a list; write its entries as \"- name: ...\""));
  }
  MergedKubeconfig::Entries own;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const json& item = (*found)[i];
    const std::string place = absl::StrCat(ToAbsl(list), "[", i, "]");
    const auto name = item.is_object() ? item.find("name") : item.end();
    if (name == item.end() || !name->is_string() || *name == "") {
      return absl::InvalidArgumentError(place + " has no name; give it one, as text");
    }
    const auto value = item.find(item_key);
    const bool empty = value == item.end() || value->is_null();
    if (!empty && !value->is_object()) {
      return absl::InvalidArgumentError(
          absl::StrCat(place, " ", Quoted(name->get_ref<const std::string&>()), ": ",
                       ToAbsl(item_key), " is not a mapping of its fields"));
    }
    KubeconfigEntry entry{empty ? json::object() : *value, file};
    if (!own.emplace(name->get<std::string>(), std::move(entry)).second) {
      return absl::InvalidArgumentError(absl::StrCat(ToAbsl(list), " has two entries named ",
                                                     Quoted(name->get_ref<const std::string&>()),
                                                     "; remove or rename one"));
    }
  }
  entries.merge(own);
  return absl::OkStatus();
}

absl::Status AddDocuments(const std::vector<json>& documents, const std::string& file,
                          MergedKubeconfig& merged) {
  if (documents.empty()) return absl::OkStatus();
  if (documents.size() > 1) {
    return absl::InvalidArgumentError(
        "holds several YAML documents; keep one, or name several files in KUBECONFIG");
  }
  const json& document = documents.front();
  const auto kind = document.find("kind");
  if (kind != document.end() && *kind != "Config") {
    return absl::InvalidArgumentError(
        "is not a kubeconfig; its top level has kind: Config, clusters, users and contexts");
  }
  RETURN_IF_ERROR(AddEntries(document, "clusters", "cluster", file, merged.clusters));
  RETURN_IF_ERROR(AddEntries(document, "users", "user", file, merged.users));
  RETURN_IF_ERROR(AddEntries(document, "contexts", "context", file, merged.contexts));
  const auto current = document.find("current-context");
  if (current == document.end() || current->is_null()) return absl::OkStatus();
  if (!current->is_string()) {
    return absl::InvalidArgumentError("current-context is not text; put it in quotes");
  }
  if (merged.current_context.empty()) merged.current_context = current->get<std::string>();
  return absl::OkStatus();
}

}  // namespace

KubeconfigPaths FindKubeconfig(std::string_view flag, std::string_view env, std::string_view home) {
  if (!flag.empty()) return {.paths = {std::string(flag)}, .must_exist = true};
  KubeconfigPaths found;
  found.paths = absl::StrSplit(ToAbsl(env), ':', absl::SkipEmpty());
  if (found.paths.empty() && !home.empty()) {
    found.paths.push_back(absl::StrCat(ToAbsl(home), "/.kube/config"));
  }
  return found;
}

absl::StatusOr<MergedKubeconfig> MergeKubeconfigs(const KubeconfigPaths& paths,
                                                  const FileReader& reader) {
  MergedKubeconfig merged;
  for (const std::string& path : paths.paths) {
    const absl::StatusOr<std::string> text = reader(path);
    if (absl::IsNotFound(text.status()) && !paths.must_exist) continue;
    const std::string context = absl::StrCat("kubeconfig ", path);
    if (!text.ok()) return Annotate(text.status(), context);
    ASSIGN_OR_RETURN(const std::vector<json> documents, ParseYaml(*text, context));
    RETURN_IF_ERROR(Annotate(AddDocuments(documents, path, merged), context));
    absl::StrAppend(&merged.files, merged.files.empty() ? "" : ", ", path);
  }
  if (merged.files.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "no kubeconfig found",
        paths.paths.empty() ? "" : absl::StrCat(" at ", absl::StrJoin(paths.paths, ", ")),
        "; name one with --kubeconfig or KUBECONFIG"));
  }
  return merged;
}

}  // namespace heat_scheduler::kube
