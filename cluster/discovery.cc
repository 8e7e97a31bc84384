#include "cluster/discovery.h"

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "cluster/kinds.h"
#include "cluster/responses.h"

namespace heat_scheduler::cluster {
namespace {

Json VersionOf(const ResourceInfo& row) {
  return {{"groupVersion", ApiVersionOf(row)}, {"version", row.version}};
}

// Every group has one version: that of its rows.
Json GroupOf(const ResourceInfo& row) {
  return {{"name", row.group},
          {"versions", Json::array({VersionOf(row)})},
          {"preferredVersion", VersionOf(row)}};
}

// What is answered but keeps no objects, so that it has no row.
struct Review {
  std::string_view group;  // Version v1.
  std::string_view plural;
  std::string_view singular;
  std::string_view kind;
};

constexpr Review kReviews[] = {
    {"authentication.k8s.io", "tokenreviews", "tokenreview", "TokenReview"},
    {"authorization.k8s.io", "selfsubjectaccessreviews", "selfsubjectaccessreview",
     "SelfSubjectAccessReview"},
    {"authorization.k8s.io", "subjectaccessreviews", "subjectaccessreview", "SubjectAccessReview"},
};

Json ReviewGroup(const std::string& name) {
  const Json version = {{"groupVersion", name + "/v1"}, {"version", "v1"}};
  return {{"name", name}, {"versions", Json::array({version})}, {"preferredVersion", version}};
}

Json GroupList() {
  Json groups =
      Json::array({ReviewGroup("authentication.k8s.io"), ReviewGroup("authorization.k8s.io")});
  std::string_view last;
  for (const ResourceInfo& row : Resources()) {
    if (row.group.empty() || row.group == last) continue;
    last = row.group;
    groups.push_back(GroupOf(row));
  }
  return {{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(groups)}};
}

Json Entry(const ResourceInfo& row) {
  Json entry = {
      {"name", row.plural},
      {"singularName", row.singular},
      {"namespaced", row.namespaced},
      {"kind", row.kind},
      {"verbs",
       {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}}};
  if (!row.short_names.empty()) entry["shortNames"] = row.short_names;
  if (!row.categories.empty()) entry["categories"] = row.categories;
  return entry;
}

Json Subresource(const ResourceInfo& row, std::string_view name, std::string_view kind,
                 std::vector<std::string_view> verbs) {
  return {{"name", std::string(row.plural) + "/" + std::string(name)},
          {"singularName", ""},
          {"namespaced", row.namespaced},
          {"kind", kind},
          {"verbs", std::move(verbs)}};
}

// Returns the resources of one group and version; empty if there is no such thing.
Json ResourceList(std::string_view group, std::string_view version) {
  Json resources = Json::array();
  std::string group_version(version);
  for (const ResourceInfo& row : Resources()) {
    if (row.group != group || row.version != version) continue;
    group_version = ApiVersionOf(row);
    resources.push_back(Entry(row));
    if (row.has_status) {
      resources.push_back(Subresource(row, "status", row.kind, {"get", "patch", "update"}));
    }
    if (row.has_scale) {
      Json scale = Subresource(row, "scale", "Scale", {"get", "patch", "update"});
      scale["group"] = "autoscaling";
      scale["version"] = "v1";
      resources.push_back(std::move(scale));
    }
    if (&row != &PodResource()) continue;
    resources.push_back(Subresource(row, "binding", "Binding", {"create"}));
    Json eviction = Subresource(row, "eviction", "Eviction", {"create"});
    eviction["group"] = "policy";
    eviction["version"] = "v1";
    resources.push_back(std::move(eviction));
  }
  if (group.empty()) {
    resources.push_back({{"name", "bindings"},
                         {"singularName", "binding"},
                         {"namespaced", true},
                         {"kind", "Binding"},
                         {"verbs", {"create"}}});
  }
  for (const Review& review : kReviews) {
    if (group != review.group || version != "v1") continue;
    group_version = std::string(group) + "/v1";
    resources.push_back({{"name", review.plural},
                         {"singularName", review.singular},
                         {"namespaced", false},
                         {"kind", review.kind},
                         {"verbs", {"create"}}});
  }
  return {{"kind", "APIResourceList"},
          {"apiVersion", "v1"},
          {"groupVersion", group_version},
          {"resources", std::move(resources)}};
}

Json VersionDocument() {
  return {{"major", "1"},    {"minor", "36"},           {"gitVersion", "v1.36.0+heat-cluster"},
          {"gitCommit", ""}, {"gitTreeState", "clean"}, {"buildDate", "1970-01-01T00:00:00Z"},
          {"goVersion", ""}, {"compiler", ""},          {"platform", ""}};
}

// kubectl since 1.27 reads the schemas of the groups it writes; a document without any makes it
// leave validation to the server.
net::HttpResponse AnswerOpenApi(const std::vector<std::string>& segments) {
  if (segments.size() == 2 && segments[1] == "v2") {
    // The protobuf form of a document with no definitions is no bytes at all.
    return {
        200, {{"Content-Type", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"}}, ""};
  }
  if (segments.size() == 2 && segments[1] == "v3") {
    return JsonResponse(200, Dump({{"paths", Json::object()}}));
  }
  return ErrorResponse(UnknownPath());
}

}  // namespace

std::optional<net::HttpResponse> AnswerDiscovery(const ApiRequest& request) {
  const std::vector<std::string>& segments = request.target.segments;
  if (request.http->method != "GET" || segments.empty()) return std::nullopt;
  const std::string& first = segments[0];
  if (segments.size() == 1) {
    if (first == "healthz" || first == "livez" || first == "readyz") {
      return TextResponse(200, "ok");
    }
    if (first == "version") return JsonResponse(200, Dump(VersionDocument()));
    if (first == "apis") return JsonResponse(200, Dump(GroupList()));
    if (first == "api") {
      const Json versions = {{"kind", "APIVersions"}, {"versions", {"v1"}}};
      return JsonResponse(200, Dump(versions));
    }
  }
  if (first == "openapi") return AnswerOpenApi(segments);
  if (first == "api" && segments.size() == 2 && segments[1] == "v1") {
    return JsonResponse(200, Dump(ResourceList("", "v1")));
  }
  if (first != "apis") return std::nullopt;
  for (const Review& review : kReviews) {
    if (segments.size() != 3 || segments[1] != review.group || segments[2] != "v1") continue;
    return JsonResponse(200, Dump(ResourceList(review.group, "v1")));
  }
  for (const ResourceInfo& row : Resources()) {
    if (row.group.empty() || segments[1] != row.group) continue;
    if (segments.size() == 2) {
      Json group = GroupOf(row);
      group["kind"] = "APIGroup";
      group["apiVersion"] = "v1";
      return JsonResponse(200, Dump(group));
    }
    if (segments.size() == 3 && segments[2] == row.version) {
      return JsonResponse(200, Dump(ResourceList(row.group, row.version)));
    }
  }
  return std::nullopt;
}

}  // namespace heat_scheduler::cluster
