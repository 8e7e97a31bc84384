// Beast asserts that no more than four bytes of a last chunk come alone, which is the peer's choice
// and harms nothing. This is the one file that includes its parser.
#define BOOST_DISABLE_ASSERTS

#include "net/http_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "base/strings.h"

namespace heat_scheduler::net {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

namespace {

// A chunk's first line, with extensions that nobody reads, and all trailer fields: beyond this they
// are an attack.
constexpr std::size_t kMaxUnparsedBytes = 40 * 1024;

std::string ToString(string_view text) { return {text.data(), text.size()}; }

ParseError FromBeast(const error_code& error) {
  if (error == http::error::header_limit) return ParseError::kHeaderTooLong;
  if (error == http::error::body_limit) return ParseError::kBodyTooLong;
  if (error == http::error::bad_version) return ParseError::kBadVersion;
  if (error == http::error::partial_message) return ParseError::kTruncated;
  return ParseError::kMalformed;
}

}  // namespace

// What both kinds of message share, and what the caller sees of them.
class HttpParser::Message {
 public:
  explicit Message(const ParserLimits& message_limits) : limits(message_limits) {}
  virtual ~Message() = default;

  virtual std::size_t Put(std::string_view data) = 0;
  virtual void PutEnd() = 0;
  virtual bool Started() const = 0;
  virtual bool HeadDone() const = 0;
  virtual bool Done() const = 0;
  virtual bool KeepAlive() const = 0;

  void Fail(ParseError why, std::string text) {
    error = why;
    error_text = std::move(text);
  }

  const ParserLimits limits;
  std::string method;
  std::string target;
  int status = 0;
  int version = 11;
  Headers headers;
  std::string body;
  ParseError error = ParseError::kNone;
  std::string error_text;
};

template <bool kIsRequest>
class HttpParser::Parser final : public Message, private http::basic_parser<kIsRequest> {
 public:
  using Base = http::basic_parser<kIsRequest>;

  Parser(const ParserLimits& parser_limits, BodyRule body_rule) : Message(parser_limits) {
    this->header_limit(static_cast<std::uint32_t>(
        std::min<std::size_t>(parser_limits.header_bytes, std::numeric_limits<int>::max())));
    this->body_limit(parser_limits.body_bytes);
    if (body_rule == BodyRule::kNone) this->skip(true);
  }

  std::size_t Put(std::string_view data) override {
    std::size_t blank = 0;
    if (!Base::is_header_done()) {
      // RFC 9112 section 2.2: an empty line before the message is to be passed over.
      while (head_scanned_ == 0 && data.substr(blank, 2) == "\r\n") blank += 2;
      data.remove_prefix(blank);
      if (!ScanHead(data)) return blank;
    }
    error_code ec;
    const std::size_t taken = Base::put(boost::asio::const_buffer(data.data(), data.size()), ec);
    if (ec == http::error::need_more) {
      if (data.size() - taken > kMaxUnparsedBytes) {
        Fail(ParseError::kMalformed, "a chunk's first line or the trailer is too long");
      }
    } else if (ec && error == ParseError::kNone) {
      Fail(FromBeast(ec), ec.message());
    }
    return blank + taken;
  }

  void PutEnd() override {
    if (!Base::is_header_done()) return Fail(ParseError::kTruncated, "the head is incomplete");
    error_code ec;
    Base::put_eof(ec);
    if (ec) Fail(FromBeast(ec), ec.message());
  }

  bool Started() const override { return started_; }
  bool HeadDone() const override { return Base::is_header_done(); }
  bool Done() const override { return Base::is_done(); }
  bool KeepAlive() const override { return Base::keep_alive(); }

 private:
  // Looks for the end of the head, and returns whether `data` has all of it. Beast gets it in one
  // piece, so that what it says does not depend on how the bytes were cut.
  bool ScanHead(std::string_view data) {
    if (data.empty() || data == "\r") return false;
    started_ = true;
    if (data.front() <= ' ' || data.front() == 0x7f) {
      Fail(ParseError::kMalformed, "it does not start with a word");
      return false;
    }
    while (true) {
      const std::size_t line_end = data.find('\n', head_scanned_);
      if (!start_line_seen_ && std::min(line_end, data.size()) > limits.start_line_bytes) {
        Fail(ParseError::kStartLineTooLong, "its first line is too long");
        return false;
      }
      if (std::min(line_end, data.size()) >= limits.header_bytes) {
        Fail(ParseError::kHeaderTooLong, "its head is too long");
        return false;
      }
      if (line_end == std::string_view::npos) {
        head_scanned_ = data.size();
        return false;
      }
      if (line_end == 0 || data[line_end - 1] != '\r') {
        Fail(ParseError::kMalformed, "a line does not end with CR LF");
        return false;
      }
      const bool empty = line_end == head_line_start_ + 1;
      start_line_seen_ = true;
      head_scanned_ = head_line_start_ = line_end + 1;
      if (empty) return true;
    }
  }

  void Refuse(ParseError why, std::string text, error_code& ec) {
    Fail(why, std::move(text));
    ec = http::make_error_code(http::error::bad_value);
  }

  void on_request_impl(http::verb, string_view method_text, string_view target_text, int number,
                       error_code&) override {
    version = number;
    method = ToString(method_text);
    target = ToString(target_text);
  }

  void on_response_impl(int code, string_view, int number, error_code&) override {
    version = number;
    status = code;
  }

  void on_field_impl(http::field field, string_view name, string_view value,
                     error_code& ec) override {
    if (++field_count_ > limits.header_count) {
      return Refuse(ParseError::kHeaderTooLong, "there are too many header fields", ec);
    }
    if (in_trailer_) return;
    if (field == http::field::host) ++host_count_;
    if (field == http::field::transfer_encoding &&
        (version < 11 || !absl::EqualsIgnoreCase(ToAbsl(ToString(value)), "chunked") ||
         ++transfer_encoding_count_ > 1)) {
      return Refuse(ParseError::kMalformed, "the Transfer-Encoding is not \"chunked\"", ec);
    }
    headers.push_back({ToString(name), ToString(value)});
  }

  void on_header_impl(error_code& ec) override {
    in_trailer_ = true;
    if (kIsRequest && (host_count_ > 1 || (version == 11 && host_count_ == 0))) {
      Refuse(ParseError::kMalformed, "there is not exactly one Host field", ec);
    }
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

  std::size_t on_body_impl(string_view data, error_code&) override {
    body.append(data.data(), data.size());
    return data.size();
  }

  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, string_view data, error_code&) override {
    body.append(data.data(), data.size());
    return data.size();
  }

  void on_finish_impl(error_code&) override {}

  bool started_ = false;
  bool start_line_seen_ = false;
  std::size_t head_line_start_ = 0;  // Of the line that is being looked at.
  std::size_t head_scanned_ = 0;     // So far there is no end of that line.
  bool in_trailer_ = false;
  std::size_t field_count_ = 0;
  int host_count_ = 0;
  int transfer_encoding_count_ = 0;
};

HttpParser::HttpParser(MessageKind kind, const ParserLimits& limits, BodyRule body_rule)
    : message_(kind == MessageKind::kRequest
                   ? std::unique_ptr<Message>(std::make_unique<Parser<true>>(limits, body_rule))
                   : std::make_unique<Parser<false>>(limits, body_rule)) {}

HttpParser::~HttpParser() = default;

std::size_t HttpParser::Feed(std::string_view data) {
  std::size_t taken = 0;
  const bool head_was_done = head_done();
  while (taken < data.size() && error() == ParseError::kNone && !done()) {
    const std::size_t step = message_->Put(data.substr(taken));
    taken += step;
    if (step == 0 || head_done() != head_was_done) break;
  }
  return taken;
}

void HttpParser::FeedEnd() {
  if (!done() && error() == ParseError::kNone) message_->PutEnd();
}

bool HttpParser::started() const { return message_->Started(); }
bool HttpParser::head_done() const { return message_->HeadDone(); }
bool HttpParser::done() const { return message_->Done() && message_->error == ParseError::kNone; }
ParseError HttpParser::error() const { return message_->error; }
std::string HttpParser::error_text() const { return message_->error_text; }
bool HttpParser::keep_alive() const { return message_->KeepAlive(); }
const std::string& HttpParser::method() const { return message_->method; }
const std::string& HttpParser::target() const { return message_->target; }
int HttpParser::status() const { return message_->status; }
bool HttpParser::http_1_0() const { return message_->version < 11; }
Headers& HttpParser::headers() { return message_->headers; }
std::string& HttpParser::body() { return message_->body; }

}  // namespace heat_scheduler::net
