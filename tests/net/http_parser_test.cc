#include "net/http_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace heat_scheduler::net {
namespace http_parser_test {

// How the pieces are cut must not change what comes out, so each case is parsed whole, and byte by
// byte.
enum class Cut { kWhole, kEachByte };

struct Parsed {
  ParseError error = ParseError::kNone;
  bool done = false;
  std::string method;
  std::string target;
  int status = 0;
  std::string body;
  std::size_t header_count = 0;
  std::size_t taken = 0;
  bool keep_alive = false;
};

Parsed Parse(MessageKind kind, const std::string& text, Cut cut, const ParserLimits& limits = {},
             bool end = false) {
  HttpParser parser(kind, limits);
  Parsed result;
  std::string input;
  for (std::size_t next = 0; next < text.size();) {
    const std::size_t step = cut == Cut::kWhole ? text.size() : 1;
    input += text.substr(next, step);
    next += step;
    while (true) {
      const std::size_t taken = parser.Feed(input);
      input.erase(0, taken);
      result.taken += taken;
      if (taken == 0) break;
    }
  }
  if (end) parser.FeedEnd();
  result.error = parser.error();
  result.done = parser.done();
  result.method = parser.method();
  result.target = parser.target();
  result.status = parser.status();
  result.body = parser.body();
  result.header_count = parser.headers().size();
  result.keep_alive = result.done && parser.keep_alive();
  return result;
}

struct BadRow {
  std::string name;
  std::string text;
  ParseError error;
};

class HttpParserRefuses : public testing::TestWithParam<BadRow> {};

TEST_P(HttpParserRefuses, Request) {
  for (const Cut cut : {Cut::kWhole, Cut::kEachByte}) {
    const Parsed parsed = Parse(MessageKind::kRequest, GetParam().text, cut);
    EXPECT_EQ(parsed.error, GetParam().error);
    EXPECT_FALSE(parsed.done);
  }
}

std::string Post(std::string_view fields, std::string_view body = "") {
  return absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\n", std::string(fields), "\r\n",
                      std::string(body));
}

std::string Repeat(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

const std::string kChunked = "Transfer-Encoding: chunked\r\n";

INSTANTIATE_TEST_SUITE_P(
    Rows, HttpParserRefuses,
    testing::Values(
        BadRow{"NoHost", "GET / HTTP/1.1\r\n\r\n", ParseError::kMalformed},
        BadRow{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", ParseError::kMalformed},
        BadRow{"LengthNegative", Post("Content-Length: -1\r\n"), ParseError::kMalformed},
        BadRow{"LengthPlus", Post("Content-Length: +5\r\n", "hello"), ParseError::kMalformed},
        BadRow{"LengthText", Post("Content-Length: five\r\n", "hello"), ParseError::kMalformed},
        BadRow{"LengthEmpty", Post("Content-Length: \r\n"), ParseError::kMalformed},
        BadRow{"LengthOverflow", Post("Content-Length: 18446744073709551616\r\n"),
               ParseError::kMalformed},
        BadRow{"LengthTwoValues", Post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
               ParseError::kMalformed},
        BadRow{"LengthAndChunked", Post("Content-Length: 5\r\n" + kChunked, "0\r\n\r\n"),
               ParseError::kMalformed},
        BadRow{"ChunkedAndLength", Post(kChunked + "Content-Length: 5\r\n", "0\r\n\r\n"),
               ParseError::kMalformed},
        BadRow{"EncodingGzipChunked", Post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
               ParseError::kMalformed},
        BadRow{"EncodingTwice", Post(kChunked + kChunked, "0\r\n\r\n"), ParseError::kMalformed},
        BadRow{"EncodingIdentity", Post("Transfer-Encoding: identity\r\n"), ParseError::kMalformed},
        BadRow{"EncodingInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
               ParseError::kMalformed},
        BadRow{"ChunkNegative", Post(kChunked, "-2\r\nab\r\n0\r\n\r\n"), ParseError::kMalformed},
        BadRow{"ChunkHuge", Post(kChunked, "ffffffffffffffff\r\nab"), ParseError::kBodyTooLong},
        BadRow{"ChunkOverflow", Post(kChunked, "1ffffffffffffffff\r\nab"), ParseError::kMalformed},
        BadRow{"ChunkNoLineBreak", Post(kChunked, "2\r\nabcd\r\n0\r\n\r\n"),
               ParseError::kMalformed},
        BadRow{"ChunkExtensionHuge", Post(kChunked, "2;" + std::string(1 << 20, 'x')),
               ParseError::kMalformed},
        BadRow{"TrailerHuge",
               Post(kChunked, "0\r\n" + Repeat("Trailer: 0123456789abcdef\r\n", 5000)),
               ParseError::kMalformed},
        BadRow{"BodyTooLong", Post("Content-Length: 3145729\r\n"), ParseError::kBodyTooLong},
        BadRow{"NoColon", "GET / HTTP/1.1\r\nHost h\r\n\r\n", ParseError::kMalformed},
        BadRow{"NulInHeader", Post(std::string("X: a\0b\r\n", 8)), ParseError::kMalformed},
        BadRow{"BareLineFeed", "GET / HTTP/1.1\nHost: h\n\n", ParseError::kMalformed},
        BadRow{"BareLineFeedInFields", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n",
               ParseError::kMalformed},
        BadRow{"BlankBeforeColon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", ParseError::kMalformed},
        BadRow{"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ParseError::kBadVersion},
        BadRow{"Http09", "GET /\r\n\r\n", ParseError::kMalformed},
        BadRow{"TlsHello", std::string("\x16\x03\x01\x02\x00\x01\x00", 7), ParseError::kMalformed},
        BadRow{"LongRequestLine", "GET /" + std::string(8 * 1024, 'a') + " HTTP/1.1\r\n",
               ParseError::kStartLineTooLong},
        BadRow{"EndlessRequestLine", "GET /" + std::string(1 << 20, 'a'),
               ParseError::kStartLineTooLong},
        BadRow{"EndlessHeaderLine", Post("X: " + std::string(1 << 20, 'a')),
               ParseError::kHeaderTooLong},
        BadRow{"ManyFields", Post(Repeat("A: b\r\n", 500'000)), ParseError::kHeaderTooLong},
        BadRow{"OneFieldTooMany", Post(Repeat("A: b\r\n", 100)), ParseError::kHeaderTooLong}),
    [](const auto& row) { return row.param.name; });

struct GoodRow {
  std::string name;
  std::string text;
  std::string method;
  std::string target;
  std::string body;
  bool keep_alive;
};

class HttpParserAccepts : public testing::TestWithParam<GoodRow> {};

TEST_P(HttpParserAccepts, Request) {
  for (const Cut cut : {Cut::kWhole, Cut::kEachByte}) {
    const std::string text = GetParam().text + "GET /next HTTP/1.1\r\n";
    const Parsed parsed = Parse(MessageKind::kRequest, text, cut);
    EXPECT_EQ(parsed.error, ParseError::kNone);
    EXPECT_TRUE(parsed.done);
    EXPECT_EQ(parsed.method, GetParam().method);
    EXPECT_EQ(parsed.target, GetParam().target);
    EXPECT_EQ(parsed.body, GetParam().body);
    EXPECT_EQ(parsed.keep_alive, GetParam().keep_alive);
    // What follows belongs to the next request.
    EXPECT_EQ(parsed.taken, GetParam().text.size());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, HttpParserAccepts,
    testing::Values(
        GoodRow{"Get", "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n", "GET", "/a?b", "", true},
        GoodRow{"EmptyLinesBefore", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET", "/", "",
                true},
        GoodRow{"Http10", "GET / HTTP/1.0\r\n\r\n", "GET", "/", "", false},
        GoodRow{"Close", "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET", "/", "",
                false},
        GoodRow{"Length", Post("Content-Length: 5\r\n", "hello"), "POST", "/", "hello", true},
        GoodRow{"LengthTwiceTheSame", Post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
                "POST", "/", "hello", true},
        GoodRow{"Chunks", Post(kChunked, "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n"), "POST", "/",
                "hello", true},
        GoodRow{"EmptyChunks", Post(kChunked, "0\r\n\r\n"), "POST", "/", "", true},
        GoodRow{"Trailer", Post(kChunked, "5\r\nhello\r\n0\r\nX: y\r\n\r\n"), "POST", "/", "hello",
                true},
        GoodRow{"FoldedField", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", "GET", "/", "",
                true},
        GoodRow{"OtherMethod", "BREW / HTTP/1.1\r\nHost: h\r\n\r\n", "BREW", "/", "", true},
        GoodRow{"AtTheFieldLimit", Post(Repeat("A: b\r\n", 99)), "POST", "/", "", true},
        GoodRow{"LargeHead", Post("X: " + std::string(30 * 1024, 'a') + "\r\n"), "POST", "/", "",
                true}),
    [](const auto& row) { return row.param.name; });

TEST(HttpParser, DropsTrailersFromTheFields) {
  const Parsed parsed =
      Parse(MessageKind::kRequest, Post(kChunked, "0\r\nHost: evil\r\n\r\n"), Cut::kWhole);
  EXPECT_TRUE(parsed.done);
  EXPECT_EQ(parsed.header_count, 2U);
}

TEST(HttpParser, ReadsABodyThatTheConnectionsEndDelimits) {
  for (const Cut cut : {Cut::kWhole, Cut::kEachByte}) {
    const Parsed parsed =
        Parse(MessageKind::kResponse, "HTTP/1.1 200 OK\r\n\r\nhello", cut, {}, true);
    EXPECT_TRUE(parsed.done);
    EXPECT_EQ(parsed.body, "hello");
    EXPECT_FALSE(parsed.keep_alive);
  }
}

TEST(HttpParser, BoundsABodyThatTheConnectionsEndDelimits) {
  for (const Cut cut : {Cut::kWhole, Cut::kEachByte}) {
    const Parsed parsed =
        Parse(MessageKind::kResponse, "HTTP/1.1 200 OK\r\n\r\nhello", cut, {.body_bytes = 4}, true);
    EXPECT_EQ(parsed.error, ParseError::kBodyTooLong);
  }
}

struct CutRow {
  std::string name;
  std::string text;
};

class HttpParserTruncated : public testing::TestWithParam<CutRow> {};

TEST_P(HttpParserTruncated, AtEveryByte) {
  const std::string& text = GetParam().text;
  for (std::size_t length = 0; length < text.size(); ++length) {
    const Parsed parsed =
        Parse(MessageKind::kResponse, text.substr(0, length), Cut::kWhole, {}, true);
    EXPECT_EQ(parsed.error, ParseError::kTruncated) << "after " << length << " bytes";
  }
  EXPECT_TRUE(Parse(MessageKind::kResponse, text, Cut::kWhole, {}, true).done);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, HttpParserTruncated,
    testing::Values(CutRow{"Length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
                    CutRow{"Chunks",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "5\r\nhello\r\n0\r\nX: y\r\n\r\n"}),
    [](const auto& row) { return row.param.name; });

RC_GTEST_PROP(HttpParser, TakesAnyBytesWithoutHarm, (const std::string& noise)) {
  for (const std::string& start :
       {std::string(), Post(kChunked), Post("Content-Length: 9\r\n"), Post("").substr(0, 20)}) {
    const Parsed whole = Parse(MessageKind::kRequest, start + noise, Cut::kWhole);
    const Parsed bytes = Parse(MessageKind::kRequest, start + noise, Cut::kEachByte);
    RC_ASSERT(whole.done == bytes.done);
    RC_ASSERT(whole.error == bytes.error);
    RC_ASSERT(whole.body == bytes.body);
  }
}

}  // namespace http_parser_test
}  // namespace heat_scheduler::net
