#include "net/server_connection.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "net/http_format.h"

namespace heat_scheduler::net {

namespace asio = boost::asio;

namespace {

// What is written at once, at most, so that a slow peer is told from a stuck one.
constexpr std::size_t kOutputBytes = 64 * 1024;
// What is kept of requests whose turn has not come; beyond it the connection is not read.
constexpr std::size_t kMaxPipelinedBytes = 64 * 1024;
// Request bodies may come as slowly as this once their time is up.
constexpr double kMinBodyBytesPerSecond = 1024;

int StatusOf(ParseError error) {
  switch (error) {
    case ParseError::kBadVersion:
      return 505;
    case ParseError::kStartLineTooLong:
      return 414;
    case ParseError::kHeaderTooLong:
      return 431;
    case ParseError::kBodyTooLong:
      return 413;
    default:
      return 400;
  }
}

HttpResponse TextResponse(int status, std::string_view text) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = absl::StrCat(ToAbsl(text), "\n")};
}

}  // namespace

class ServerConnection::Sink final : public ResponseSink {
 public:
  Sink(EventLoop& loop, std::weak_ptr<ServerConnection> connection, std::uint64_t exchange)
      : loop_(loop), connection_(std::move(connection)), exchange_(exchange) {}

  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  ~Sink() override {
    if (const auto connection = connection_.lock()) connection->OnSinkGone(exchange_);
  }

  void Send(HttpResponse response) override {
    complete_ = true;
    if (const auto connection = connection_.lock()) {
      connection->Respond(exchange_, std::move(response));
    }
  }

  void BeginStream(int status, Headers headers) override {
    if (const auto connection = connection_.lock()) {
      connection->BeginStream(exchange_, status, headers);
    }
  }

  void Write(std::shared_ptr<const std::string> data) override {
    if (const auto connection = connection_.lock()) {
      connection->WriteChunk(exchange_, std::move(data));
    }
  }

  void Close() override {
    complete_ = true;
    if (const auto connection = connection_.lock()) connection->EndStream(exchange_);
  }

  std::size_t queued_bytes() const override {
    const auto connection = connection_.lock();
    if (connection == nullptr || !connection->IsCurrent(exchange_)) return 0;
    return connection->queued_bytes_ + connection->output_.size();
  }

  void OnGone(std::function<void()> gone) override {
    if (complete_) return;
    const auto connection = connection_.lock();
    if (connection != nullptr && connection->IsCurrent(exchange_) && !connection->read_ended_) {
      connection->gone_ = std::move(gone);
    } else {
      loop_.Post(std::move(gone));  // It went before anybody asked.
    }
  }

 private:
  EventLoop& loop_;
  const std::weak_ptr<ServerConnection> connection_;
  const std::uint64_t exchange_;
  bool complete_ = false;
};

std::size_t ServerConnection::Piece::size() const {
  return head.size() + (data ? data->size() : 0) + (line_break ? 2 : 0);
}

ServerConnection::ServerConnection(Context context, std::shared_ptr<ByteStream> stream,
                                   std::string peer, std::function<void()> closed)
    : context_(context),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      closed_(std::move(closed)) {}

ServerConnection::~ServerConnection() = default;

void ServerConnection::Start() {
  last_read_ = context_.loop.Now().mono;
  SetDeadline(context_.limits.handshake_timeout, &ServerConnection::OnHeadTimeout);
  stream_->Handshake([self = shared_from_this()](const absl::Status& status) {
    if (self->phase_ == Phase::kClosed) return;
    if (!status.ok()) return self->CloseStream(false);
    if (self->closing_) return self->CloseGently();
    self->peer_chain_pem_ = self->stream_->PeerChainPem();
    self->parser_.emplace(MessageKind::kRequest, self->ParserLimitsOfServer());
    self->phase_ = Phase::kHead;
    self->SetDeadline(self->context_.limits.header_timeout, &ServerConnection::OnHeadTimeout);
    self->StartRead();
  });
}

void ServerConnection::CloseWhenIdle() {
  closing_ = true;
  const bool between_requests =
      phase_ == Phase::kIdle || (phase_ == Phase::kHead && !parser_->started());
  if (between_requests) CloseGently();
}

void ServerConnection::Detach() {
  closed_ = nullptr;
  gone_ = nullptr;
  CloseStream(false);
}

void ServerConnection::Abort() {
  if (phase_ == Phase::kClosed) return;
  const std::function<void()> gone = std::exchange(gone_, nullptr);
  CloseStream(false);
  if (gone) gone();
}

std::optional<absl::Duration> ServerConnection::SilentSince() const {
  if (phase_ == Phase::kAnswering) return std::nullopt;
  return last_read_;
}

// Reading.

ParserLimits ServerConnection::ParserLimitsOfServer() const {
  return {.start_line_bytes = context_.limits.request_line_bytes,
          .header_bytes = context_.limits.header_bytes,
          .header_count = context_.limits.header_count,
          .body_bytes = context_.limits.body_bytes};
}

void ServerConnection::StartRead() {
  if (reading_ || read_ended_ || phase_ == Phase::kClosed) return;
  if (input_.size() > kMaxPipelinedBytes) return;
  reading_ = true;
  stream_->ReadSome(
      asio::buffer(read_buffer_),
      [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
        self->reading_ = false;
        if (self->phase_ == Phase::kClosed) return;
        if (!error) return self->OnRead(bytes);
        self->read_ended_ = true;
        // Half-closed peers still get the answers that they wait for.
        if (error != asio::error::eof) return self->Abort();
        self->OnReadEnd();
      });
}

void ServerConnection::OnRead(std::size_t bytes) {
  last_read_ = context_.loop.Now().mono;
  input_.append(read_buffer_.data(), bytes);
  Advance();
}

void ServerConnection::OnReadEnd() {
  if (phase_ != Phase::kAnswering) return CloseStream(false);
  if (answer_complete_) return;
  if (streaming_) return Abort();
  if (const std::function<void()> gone = std::exchange(gone_, nullptr)) gone();
}

void ServerConnection::Advance() {
  while (!input_.empty() &&
         (phase_ == Phase::kIdle || phase_ == Phase::kHead || phase_ == Phase::kBody)) {
    if (phase_ == Phase::kIdle) {
      phase_ = Phase::kHead;
      SetDeadline(context_.limits.header_timeout, &ServerConnection::OnHeadTimeout);
    }
    const std::size_t taken = parser_->Feed(input_);
    input_.erase(0, taken);
    if (phase_ == Phase::kBody) body_read_ += taken;
    if (parser_->error() != ParseError::kNone) return RefuseRequest();
    if (phase_ == Phase::kHead && parser_->head_done()) OnHead();
    if (phase_ == Phase::kBody) HoldBody(parser_->body().size());
    const std::size_t most = context_.limits.total_body_bytes;
    if (most > 0 && body_held_ > 0 && context_.body_bytes_held > most) return RefuseBody();
    if (parser_->done()) {
      Dispatch();
    } else if (taken == 0) {
      break;
    }
  }
  if (read_ended_ && phase_ != Phase::kAnswering) return CloseStream(false);
  StartRead();
}

void ServerConnection::OnHead() {
  phase_ = Phase::kBody;
  body_start_ = context_.loop.Now().mono;
  body_read_ = 0;
  SetDeadline(context_.limits.body_timeout, &ServerConnection::OnBodyTimeout);
  is_head_request_ = parser_->method() == "HEAD";
  is_http_1_0_ = parser_->http_1_0();
  // Half of the clients (curl with a large body) wait for this word before they send the body.
  if (!parser_->done() &&
      absl::EqualsIgnoreCase(ToAbsl(FindHeader(parser_->headers(), "Expect")), "100-continue")) {
    Enqueue({.head = "HTTP/1.1 100 Continue\r\n\r\n"});
  }
}

void ServerConnection::HoldBody(std::size_t bytes) {
  if (bytes == body_held_) return;
  context_.body_bytes_held += bytes - body_held_;
  body_held_ = bytes;
}

void ServerConnection::RefuseBody() {
  HoldBody(0);
  phase_ = Phase::kAnswering;
  closing_ = true;
  parser_->body() = std::string();
  ClearDeadline();
  Respond(exchange_, TextResponse(503, "Too much is being sent at once; try again later"));
}

void ServerConnection::RefuseRequest() {
  HoldBody(0);
  phase_ = Phase::kAnswering;
  closing_ = true;
  is_head_request_ = parser_->method() == "HEAD";
  ClearDeadline();
  Respond(exchange_,
          TextResponse(StatusOf(parser_->error()),
                       absl::StrCat("The request was refused: ", parser_->error_text())));
}

void ServerConnection::Dispatch() {
  HoldBody(0);
  phase_ = Phase::kAnswering;
  ClearDeadline();
  if (!parser_->keep_alive() || is_http_1_0_) closing_ = true;
  HttpRequest request{.method = parser_->method(),
                      .target = parser_->target(),
                      .headers = std::move(parser_->headers()),
                      .body = std::move(parser_->body()),
                      .peer = peer_,
                      .peer_chain_pem = peer_chain_pem_};
  if (request.target.front() != '/' && request.target != "*") {
    closing_ = true;
    return Respond(exchange_,
                   TextResponse(400, "The request was refused: its target is not a path"));
  }
  context_.handler.Handle(request,
                          std::make_shared<Sink>(context_.loop, weak_from_this(), exchange_));
}

// Answering.

bool ServerConnection::IsCurrent(std::uint64_t exchange) const {
  return phase_ == Phase::kAnswering && exchange == exchange_;
}

void ServerConnection::Respond(std::uint64_t exchange, HttpResponse response) {
  if (!IsCurrent(exchange) || responded_) return;
  responded_ = true;
  answer_complete_ = true;
  gone_ = nullptr;
  const Framing framing = IsBodyless(response.status) ? Framing::kNone : Framing::kLength;
  Piece piece{.head =
                  FormatResponseHead(response.status, response.headers, framing,
                                     response.body.size(), !closing_, context_.loop.Now().wall)};
  if (framing == Framing::kLength && !is_head_request_) {
    piece.data = std::make_shared<const std::string>(std::move(response.body));
  }
  Enqueue(std::move(piece));
}

void ServerConnection::BeginStream(std::uint64_t exchange, int status, const Headers& headers) {
  if (!IsCurrent(exchange) || responded_) return;
  responded_ = true;
  streaming_ = true;
  has_body_ = !is_head_request_ && !IsBodyless(status);
  // HTTP/1.0 has no chunks: the connection's end is the body's.
  const bool chunked = !is_http_1_0_ && !IsBodyless(status);
  line_breaks_ = chunked;
  Enqueue({.head = FormatResponseHead(status, headers, chunked ? Framing::kChunked : Framing::kNone,
                                      0, !closing_, context_.loop.Now().wall)});
}

void ServerConnection::WriteChunk(std::uint64_t exchange, std::shared_ptr<const std::string> data) {
  if (!IsCurrent(exchange) || !streaming_ || answer_complete_) return;
  // A chunk of no bytes would end the stream.
  if (!has_body_ || data == nullptr || data->empty()) return;
  Piece piece{.line_break = line_breaks_};
  if (line_breaks_) piece.head = ChunkHead(data->size());
  piece.data = std::move(data);
  Enqueue(std::move(piece));
}

void ServerConnection::EndStream(std::uint64_t exchange) {
  if (!IsCurrent(exchange) || !streaming_ || answer_complete_) return;
  answer_complete_ = true;
  gone_ = nullptr;
  if (has_body_ && line_breaks_) Enqueue({.head = "0\r\n\r\n"});
  if (!writing_) FinishExchangeSoon();
}

void ServerConnection::OnSinkGone(std::uint64_t exchange) {
  if (!IsCurrent(exchange) || answer_complete_) return;
  if (streaming_) return Abort();
  closing_ = true;
  Respond(exchange, TextResponse(500, "The request was not answered"));
}

// Writing.

void ServerConnection::Enqueue(Piece piece) {
  queued_bytes_ += piece.size();
  queue_.push_back(std::move(piece));
  Flush();
}

void ServerConnection::Flush() {
  if (writing_ || queue_.empty()) return;
  FillOutput();
  writing_ = true;
  write_deadline_ =
      context_.loop.RunAfter(context_.limits.write_timeout, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->Abort();
      });
  stream_->WriteAll(asio::buffer(output_),
                    [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                      if (self->phase_ == Phase::kClosed) return;
                      if (error) return self->Abort();
                      self->OnWritten();
                    });
}

void ServerConnection::FillOutput() {
  output_.clear();
  while (!queue_.empty() && output_.size() < kOutputBytes) {
    const Piece& piece = queue_.front();
    std::size_t skip = front_done_;
    const std::size_t before = output_.size();
    for (const std::string_view part :
         {std::string_view(piece.head), piece.data ? std::string_view(*piece.data) : "",
          std::string_view(piece.line_break ? "\r\n" : "")}) {
      const std::size_t skipped = std::min(skip, part.size());
      skip -= skipped;
      output_.append(part.substr(skipped, kOutputBytes - output_.size()));
    }
    front_done_ += output_.size() - before;
    queued_bytes_ -= output_.size() - before;
    if (front_done_ < piece.size()) break;
    queue_.pop_front();
    front_done_ = 0;
  }
}

void ServerConnection::OnWritten() {
  writing_ = false;
  context_.loop.Cancel(std::exchange(write_deadline_, 0));
  output_.clear();
  if (!queue_.empty()) return Flush();
  if (phase_ == Phase::kAnswering && answer_complete_) FinishExchange();
}

void ServerConnection::FinishExchangeSoon() {
  context_.loop.Post([weak = weak_from_this(), exchange = exchange_] {
    const auto self = weak.lock();
    if (self == nullptr || !self->IsCurrent(exchange)) return;
    if (!self->writing_ && self->queue_.empty()) self->FinishExchange();
  });
}

void ServerConnection::FinishExchange() {
  ++exchange_;
  responded_ = streaming_ = answer_complete_ = false;
  if (closing_) return CloseGently();
  parser_.emplace(MessageKind::kRequest, ParserLimitsOfServer());
  phase_ = Phase::kIdle;
  SetDeadline(context_.limits.idle_timeout, &ServerConnection::CloseGently);
  Advance();
}

// Deadlines and the end.

void ServerConnection::SetDeadline(absl::Duration delay, void (ServerConnection::*expired)()) {
  ClearDeadline();
  deadline_ = context_.loop.RunAfter(delay, [weak = weak_from_this(), expired] {
    if (const auto self = weak.lock(); self && self->phase_ != Phase::kClosed) {
      self->deadline_ = 0;
      (self.get()->*expired)();
    }
  });
}

void ServerConnection::ClearDeadline() { context_.loop.Cancel(std::exchange(deadline_, 0)); }

void ServerConnection::OnHeadTimeout() {
  if (phase_ == Phase::kHandshake || !parser_->started()) return CloseStream(false);
  HoldBody(0);
  phase_ = Phase::kAnswering;
  closing_ = true;
  Respond(exchange_, TextResponse(408, "The request did not come in time"));
}

void ServerConnection::OnBodyTimeout() {
  const absl::Duration allowed =
      context_.limits.body_timeout +
      absl::Seconds(static_cast<double>(body_read_) / kMinBodyBytesPerSecond);
  const absl::Duration left = allowed - (context_.loop.Now().mono - body_start_);
  if (left > absl::ZeroDuration()) return SetDeadline(left, &ServerConnection::OnBodyTimeout);
  OnHeadTimeout();
}

void ServerConnection::CloseGently() { CloseStream(true); }

void ServerConnection::CloseStream(bool gently) {
  if (phase_ == Phase::kClosed) return;
  const auto self = shared_from_this();
  phase_ = Phase::kClosed;
  HoldBody(0);
  ClearDeadline();
  context_.loop.Cancel(std::exchange(write_deadline_, 0));
  queue_.clear();
  queued_bytes_ = 0;
  gone_ = nullptr;
  if (gently) {
    stream_->CloseGently();
  } else {
    stream_->Close();
  }
  if (const std::function<void()> closed = std::exchange(closed_, nullptr)) closed();
}

}  // namespace heat_scheduler::net
