// Documents as a whole: lists, watch events, statuses, and what is refused with which words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "kube/codec.h"
#include "tests/support/objects.h"

namespace heat_scheduler::kube {
namespace json_decoder_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string ErrorOf(Kind kind, const std::string& document) {
  const absl::StatusOr<Object> object = MakeJsonDecoder()->DecodeObject(kind, document);
  if (object.ok()) return "no error";
  EXPECT_EQ(object.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(object.status().message().data(), object.status().message().size());
}

struct BadRow {
  std::string name;
  std::string document;
  std::string message;
};

void PrintTo(const BadRow& row, std::ostream* out) { *out << row.name; }

// A pod default/web with these members.
std::string PodWith(const std::string& members) {
  return R"({"metadata":{"name":"web","namespace":"default"},)" + members + "}";
}

class BadPods : public testing::TestWithParam<BadRow> {};

TEST_P(BadPods, NameObjectAndField) {
  EXPECT_EQ(ErrorOf(Kind::kPod, GetParam().document), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadPods,
    testing::Values(
        BadRow{"Quantity",
               PodWith(R"("spec":{"containers":[{"resources":{"requests":{"cpu":"1 core"}}}]})"),
               "Pod default/web: spec.containers[0].resources.requests.cpu: \"1 core\" is no "
               "quantity: write a number and a suffix, such as 500m, 2, 1.5Gi or 12e6"},
        BadRow{"QuantityTooLarge", PodWith(R"("spec":{"overhead":{"memory":"9Ei"}})"),
               "Pod default/web: spec.overhead.memory: \"9Ei\" is out of range: a quantity is at "
               "most 2^63-1"},
        BadRow{"QuantityOfBool", PodWith(R"("spec":{"overhead":{"example.com/gpu":true}})"),
               "Pod default/web: spec.overhead[\"example.com/gpu\"]: expected a quantity, found a "
               "boolean"},
        BadRow{"StringForArray", PodWith(R"("spec":{"containers":"x"})"),
               "Pod default/web: spec.containers: expected an array, found a string"},
        BadRow{"ArrayForObject", PodWith(R"("spec":[])"),
               "Pod default/web: spec: expected an object, found an array"},
        BadRow{"NumberForString", PodWith(R"("spec":{"nodeName":7})"),
               "Pod default/web: spec.nodeName: expected a string, found a number"},
        BadRow{"StringForBool", PodWith(R"("spec":{"hostNetwork":"true"})"),
               "Pod default/web: spec.hostNetwork: expected a boolean, found a string"},
        BadRow{"DoubleForInteger", PodWith(R"("spec":{"priority":1.0})"),
               "Pod default/web: spec.priority: expected an integer, found a number"},
        BadRow{"IntegerBeyondInt32", PodWith(R"("spec":{"priority":2147483648})"),
               "Pod default/web: spec.priority: the number is not between -2147483648 and "
               "2147483647"},
        BadRow{"IntegerBeyondInt64",
               PodWith(R"("spec":{"tolerations":[{},{"tolerationSeconds":9223372036854775808}]})"),
               "Pod default/web: spec.tolerations[1].tolerationSeconds: the number is not between "
               "-9223372036854775808 and 9223372036854775807"},
        BadRow{"Time", PodWith(R"("status":{"startTime":"yesterday"})"),
               "Pod default/web: status.startTime: \"yesterday\" is no RFC 3339 time, such as "
               "2026-11-21T10:09:00Z"},
        BadRow{"DeepPath", PodWith(R"("spec":{"affinity":{"podAntiAffinity":{
                 "preferredDuringSchedulingIgnoredDuringExecution":[{},{"podAffinityTerm":{
                   "labelSelector":{"matchExpressions":[{"values":["a",{}]}]}}}]}}})"),
               "Pod default/web: spec.affinity.podAntiAffinity."
               "preferredDuringSchedulingIgnoredDuringExecution[1].podAffinityTerm.labelSelector."
               "matchExpressions[0].values[1]: expected a string, found an object"},
        BadRow{"NameBehindTheError",
               R"({"spec":7,"metadata":{"name":"web","namespace":"default"}})",
               "Pod default/web: spec: expected an object, found a number"},
        BadRow{"NoName", R"({"metadata":{"namespace":"default"}})",
               "Pod default/: metadata: name is missing"},
        BadRow{"EmptyObject", "{}", "Pod: metadata: name is missing"},
        BadRow{"MetadataIsNull", R"({"metadata":null})", "Pod: metadata: name is missing"},
        BadRow{"Null", "null", "Pod: expected an object"},
        BadRow{"Array", "[]", "Pod: expected an object"},
        BadRow{"String", "\"x\"", "Pod: expected an object"},
        BadRow{"OtherKind", R"({"kind":"Status","message":"no"})",
               "Pod: the document has kind \"Status\""},
        BadRow{"HostileName", R"({"metadata":{"name":"a\n\u001b[31m"},"spec":1})",
               "Pod a\\n\\033[31m: spec: expected an object, found a number"}),
    [](const auto& row) { return row.param.name; });

class NoJson : public testing::TestWithParam<std::pair<const char*, std::string>> {};

TEST_P(NoJson, IsRefused) {
  EXPECT_THAT(ErrorOf(Kind::kPod, GetParam().second), HasSubstr("is no JSON that can be read"));
}

INSTANTIATE_TEST_SUITE_P(
    Table, NoJson,
    testing::Values(std::pair("Empty", ""), std::pair("Blank", "  "), std::pair("Open", "{"),
                    std::pair("TrailingGarbage", "{} x"), std::pair("TwoDocuments", "{}{}"),
                    std::pair("Comment", "{} // x"), std::pair("HugeNumber", R"({"a":1e400})"),
                    std::pair("BeyondUint64", R"({"a":18446744073709551616})"),
                    std::pair("LoneSurrogate", R"({"a":"\ud800"})"),
                    std::pair("InvalidUtf8", "{\"a\":\"\xff\"}"),
                    std::pair("Utf16", std::string("\xff\xfe{\0}\0", 6)),
                    std::pair("SingleQuotes", "{'a':1}")),
    [](const auto& row) { return row.param.first; });

TEST(JsonDecoder, StopsAtADepthOf128) {
  const auto nested = [](int depth) {
    return R"({"metadata":{"name":"web"},"x":)" + std::string(depth - 1, '[') +
           std::string(depth - 1, ']') + "}";
  };
  EXPECT_EQ(ErrorOf(Kind::kPod, nested(128)), "no error");
  EXPECT_THAT(ErrorOf(Kind::kPod, nested(129)), HasSubstr("is no JSON"));
  EXPECT_THAT(ErrorOf(Kind::kPod, nested(3'000'000)), HasSubstr("is no JSON"));
}

TEST(JsonDecoder, RefusesADocumentCutAnywhere) {
  const std::string document = PodWith(R"("spec":{"containers":[{"name":"c",
    "resources":{"requests":{"cpu":"1"}}}],"priority":12},"status":{"phase":"Running"})");
  const std::unique_ptr<Decoder> decoder = MakeJsonDecoder();
  ASSERT_TRUE(decoder->DecodeObject(Kind::kPod, document).ok());
  for (std::size_t size = 0; size < document.size(); ++size) {
    EXPECT_FALSE(decoder->DecodeObject(Kind::kPod, document.substr(0, size)).ok()) << size;
  }
}

TEST(JsonDecoder, GoesOnAfterABadOrAHugeDocument) {
  const std::unique_ptr<Decoder> decoder = MakeJsonDecoder();
  EXPECT_FALSE(decoder->DecodeObject(Kind::kPod, "{").ok());
  const std::string huge = PodWith(R"("status":{"phase":")" + std::string(20 << 20, 'x') + R"("})");
  const absl::StatusOr<Object> object = decoder->DecodeObject(Kind::kPod, huge);
  ASSERT_TRUE(object.ok()) << object.status();
  EXPECT_EQ(std::get<Ref<Pod>>(*object)->status.phase.size(), 20u << 20);
  EXPECT_TRUE(decoder->DecodeObject(Kind::kPod, PodWith(R"("spec":{})")).ok());
}

TEST(JsonDecoder, AsksForJson) { EXPECT_EQ(MakeJsonDecoder()->media_type(), "application/json"); }

std::vector<std::string> Names(const std::vector<Object>& objects) {
  std::vector<std::string> names;
  for (const Object& object : objects) names.push_back(MetadataOf(object).name);
  return names;
}

TEST(JsonList, OfBadItemsKeepsTheOthers) {
  const absl::StatusOr<ListPage> page = MakeJsonDecoder()->DecodeList(Kind::kPod, R"({
    "kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "9", "continue": "c"},
    "items": [{"metadata": {"name": "a"}},
              {"metadata": {"name": "b", "namespace": "n", "uid": "u"}, "spec": {"priority": "x"}},
              null, {"metadata": {"name": "c"}}]})");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(Names(page->items), ElementsAre("a", "c"));
  EXPECT_EQ(page->resource_version, "9");
  EXPECT_EQ(page->continue_token, "c");
  ASSERT_THAT(page->errors, SizeIs(2));
  EXPECT_EQ(page->errors[0].namespace_, "n");
  EXPECT_EQ(page->errors[0].name, "b");
  EXPECT_EQ(page->errors[0].uid, "u");
  EXPECT_EQ(page->errors[0].error.message(),
            "Pod n/b: spec.priority: expected an integer, found a string");
  EXPECT_EQ(page->errors[1].error.message(), "Pod: expected an object");
}

TEST(JsonList, MayBeEmpty) {
  for (const char* document : {R"({"kind":"PodList","items":[]})", R"({"items":null})", "{}"}) {
    const absl::StatusOr<ListPage> page = MakeJsonDecoder()->DecodeList(Kind::kPod, document);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_THAT(page->items, IsEmpty());
    EXPECT_THAT(page->errors, IsEmpty());
  }
}

TEST(JsonList, IsRefusedWhenItIsNone) {
  for (const char* document : {"[]", "null", "{", R"({"kind":"Status"})", R"({"items":{}})"}) {
    const absl::StatusOr<ListPage> page = MakeJsonDecoder()->DecodeList(Kind::kPod, document);
    EXPECT_EQ(page.status().code(), absl::StatusCode::kInvalidArgument) << document;
    EXPECT_THAT(page.status().ToString(), HasSubstr("PodList: ")) << document;
  }
}

TEST(JsonWatch, ReadsChanges) {
  const std::pair<const char*, WatchEventType> rows[] = {{"ADDED", WatchEventType::kAdded},
                                                         {"MODIFIED", WatchEventType::kModified},
                                                         {"DELETED", WatchEventType::kDeleted}};
  for (const auto& [type, expected] : rows) {
    const absl::StatusOr<WatchEvent> event = MakeJsonDecoder()->DecodeWatchEvent(
        Kind::kNode,
        std::string(
            R"({"object":{"kind":"Node","metadata":{"name":"n1","resourceVersion":"5"}},)") +
            R"("type":")" + type + "\"}\n");
    ASSERT_TRUE(event.ok()) << event.status();
    EXPECT_EQ(event->type, expected);
    EXPECT_EQ(event->resource_version, "5");
    EXPECT_TRUE(event->object_error.ok());
    EXPECT_EQ(std::get<Ref<Node>>(event->object)->metadata.name, "n1");
  }
}

TEST(JsonWatch, KeepsTypeAndVersionOfABadObject) {
  const absl::StatusOr<WatchEvent> event =
      MakeJsonDecoder()->DecodeWatchEvent(Kind::kNode, R"({"type":"MODIFIED","object":
        {"metadata":{"name":"n1","uid":"u","resourceVersion":"5"},"spec":[]}})");
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->type, WatchEventType::kModified);
  EXPECT_EQ(event->resource_version, "5");
  EXPECT_EQ(event->object_error.message(), "Node n1: spec: expected an object, found an array");
  EXPECT_EQ(event->bad_item.name, "n1");
  EXPECT_EQ(event->bad_item.uid, "u");
  EXPECT_EQ(event->bad_item.error, event->object_error);
}

TEST(JsonWatch, ReadsBookmarks) {
  const std::unique_ptr<Decoder> decoder = MakeJsonDecoder();
  const absl::StatusOr<WatchEvent> plain = decoder->DecodeWatchEvent(
      Kind::kPod, R"({"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1",
        "metadata":{"resourceVersion":"12","creationTimestamp":null},"spec":{"containers":null}}})");
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(plain->type, WatchEventType::kBookmark);
  EXPECT_EQ(plain->resource_version, "12");
  EXPECT_FALSE(plain->initial_events_end);
  const absl::StatusOr<WatchEvent> end = decoder->DecodeWatchEvent(
      Kind::kPod, R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"13",
        "annotations":{"k8s.io/initial-events-end":"true"}}}})");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_TRUE(end->initial_events_end);
}

TEST(JsonWatch, ReadsErrors) {
  const absl::StatusOr<WatchEvent> event = MakeJsonDecoder()->DecodeWatchEvent(
      Kind::kPod, R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired",
        "message":"too old resource version"}})");
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->type, WatchEventType::kError);
  EXPECT_EQ(event->status.code, 410);
  EXPECT_EQ(event->status.reason, "Expired");
  EXPECT_EQ(event->status.message, "too old resource version");
}

TEST(JsonWatch, RefusesUnreadableFrames) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"type":"ADDED")", "is no JSON"},
      {R"({"type":"ADDED"})", "watch of Pod: the event lacks its type or its object"},
      {R"({"object":{}})", "watch of Pod: the event lacks its type or its object"},
      {R"([])", "watch of Pod: the event lacks its type or its object"},
      {R"({"type":"REPLACED","object":{}})",
       "watch of Pod: the event has the unknown type \"REPLACED\""}};
  for (const auto& [line, message] : rows) {
    const absl::StatusOr<WatchEvent> event = MakeJsonDecoder()->DecodeWatchEvent(Kind::kPod, line);
    EXPECT_EQ(event.status().code(), absl::StatusCode::kInvalidArgument) << line;
    EXPECT_THAT(event.status().ToString(), HasSubstr(message));
  }
}

TEST(JsonStatus, KeepsWhatItCanRead) {
  const std::unique_ptr<Decoder> decoder = MakeJsonDecoder();
  const ApiStatus status = decoder->DecodeStatus(R"({"kind":"Status","code":429,
    "reason":"TooManyRequests","message":"later","details":{"retryAfterSeconds":7}})");
  EXPECT_EQ(status.code, 429);
  EXPECT_EQ(status.reason, "TooManyRequests");
  EXPECT_EQ(status.message, "later");
  EXPECT_EQ(status.retry_after_seconds, 7);
  for (const char* document : {"", "<html>", "[]", R"({"code":"x","details":3})"}) {
    const ApiStatus none = decoder->DecodeStatus(document);
    EXPECT_EQ(none.code, 0);
    EXPECT_EQ(none.reason, "");
    EXPECT_EQ(none.retry_after_seconds, 0);
  }
}

}  // namespace json_decoder_test
}  // namespace heat_scheduler::kube
