#include "net/client_connection.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace heat_scheduler::net {

namespace asio = boost::asio;

namespace {

// Responses of status 1xx before the real one: beyond this the server is broken.
constexpr int kMaxInterimResponses = 16;

absl::Status ParseFailure(const HttpParser& parser, const ParserLimits& limits) {
  switch (parser.error()) {
    case ParseError::kBodyTooLong:
      return absl::ResourceExhaustedError(
          absl::StrCat("the response's body is longer than ", limits.body_bytes, " bytes"));
    case ParseError::kHeaderTooLong:
    case ParseError::kStartLineTooLong:
      return absl::ResourceExhaustedError("the response's head is too long");
    case ParseError::kTruncated:
      return absl::AbortedError("the connection was cut before the response was complete");
    default:
      return absl::AbortedError(
          absl::StrCat("the response is not HTTP/1.1: ", parser.error_text()));
  }
}

}  // namespace

ClientConnection::ClientConnection(std::shared_ptr<ByteStream> stream)
    : stream_(std::move(stream)) {}

void ClientConnection::Start(std::string request, BodyRule body_rule, const ParserLimits& limits,
                             Events events) {
  output_ = std::move(request);
  body_rule_ = body_rule;
  limits_ = limits;
  events_ = std::move(events);
  idle_closed_ = nullptr;
  busy_ = true;
  written_ = answer_begun_ = head_reported_ = false;
  interim_count_ = 0;
  parser_.emplace(MessageKind::kResponse, limits_, body_rule_);
  stream_->WriteAll(asio::buffer(output_),
                    [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                      // After an error there may still be an answer to read, which says why; else
                      // the read fails too.
                      if (!error) self->written_ = true;
                    });
  Read();
}

bool ClientConnection::IsIdle() const { return !closed_ && !busy_ && stream_->Quiet(); }

void ClientConnection::OnIdleClosed(std::function<void()> closed) {
  idle_closed_ = std::move(closed);
}

void ClientConnection::Close() {
  closed_ = true;
  stream_->Close();
}

void ClientConnection::Read() {
  if (reading_ || closed_) return;
  reading_ = true;
  stream_->ReadSome(asio::buffer(buffer_), [self = shared_from_this()](
                                               boost::system::error_code error, std::size_t bytes) {
    self->reading_ = false;
    if (self->closed_) return;
    if (error) return self->OnReadEnd(error);
    self->OnRead(bytes);
  });
}

void ClientConnection::OnRead(std::size_t bytes) {
  if (!busy_) return OnReadEnd({});  // Nobody asked.
  answer_begun_ = true;
  input_.append(buffer_.data(), bytes);
  while (busy_ && !closed_ && ParseSome()) {
  }
  Read();
}

bool ClientConnection::ParseSome() {
  const std::size_t taken = parser_->Feed(input_);
  input_.erase(0, taken);
  if (parser_->error() != ParseError::kNone) {
    Finish(ParseFailure(*parser_, limits_));
    return false;
  }
  if (parser_->head_done() && !head_reported_) {
    if (parser_->status() / 100 == 1) {
      if (++interim_count_ > kMaxInterimResponses || parser_->status() == 101) {
        Finish(absl::AbortedError("the server switched protocols or sent nothing but 1xx"));
        return false;
      }
      parser_.emplace(MessageKind::kResponse, limits_, body_rule_);
      return !input_.empty();
    }
    head_reported_ = true;
    events_.on_head(parser_->status(), std::move(parser_->headers()));
    if (closed_) return false;
  }
  if (events_.on_data && !parser_->body().empty()) {
    const std::string data = std::exchange(parser_->body(), {});
    events_.on_data(data);
    if (closed_) return false;
  }
  if (parser_->done()) {
    Finish(absl::OkStatus());
    return false;
  }
  return taken > 0 && !input_.empty();
}

void ClientConnection::OnReadEnd(const boost::system::error_code& error) {
  if (!busy_) {
    Close();
    if (const std::function<void()> closed = std::exchange(idle_closed_, nullptr)) closed();
    return;
  }
  // Without an orderly end, a body that only the end delimits may have been cut by anybody.
  if (error == asio::error::eof && parser_->head_done()) {
    parser_->FeedEnd();
    if (parser_->done()) return Finish(absl::OkStatus());
  }
  Finish(absl::AbortedError(
      answer_begun_
          ? absl::StrCat("the connection was cut before the response was complete: ",
                         error.message())
          : absl::StrCat("the connection was cut before the response: ", error.message())));
}

void ClientConnection::Finish(absl::Status status) {
  busy_ = false;
  End end{.status = std::move(status), .answer_begun = answer_begun_};
  end.reusable = end.status.ok() && written_ && input_.empty() && parser_->keep_alive() && !closed_;
  if (end.status.ok()) end.body = std::move(parser_->body());
  if (!end.reusable) Close();
  const std::function<void(End)> on_end = events_.on_end;
  on_end(std::move(end));
}

}  // namespace heat_scheduler::net
