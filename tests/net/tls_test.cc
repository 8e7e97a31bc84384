// Keys, certificates and what each side makes of the other's. The openssl command and cpp-httplib
// are the second opinion.
#include "net/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/file_reader.h"
#include "net/asio_loop.h"
#include "net/client_certificate.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "tests/net/net_test_util.h"
#include "tests/net/raw_socket.h"
#include "tests/support/test_ca.h"

namespace heat_scheduler::net {
namespace tls_test {

using absl::StatusCode;
using testing::HasSubstr;

// Making them takes a few openssl runs, so all tests share them.
class TlsTest : public testing::Test {
 protected:
  struct Files {
    TestCa ca{"test authority"};
    TestCa other_ca{"other authority"};
    TestCa::Issued server = ca.Issue("server", "DNS:localhost,DNS:*.example.com,IP:127.0.0.1", 5);
    TestCa::Issued server_by_name = ca.Issue("127.0.0.1", "DNS:heat.example.org", 5);
    TestCa::Issued server_no_names = ca.Issue("127.0.0.1", "", 5);
    TestCa::Issued expired = ca.Issue("server", "IP:127.0.0.1", -1);
    TestCa::Issued client = ca.Issue("system:kube-scheduler", "", 5);
    TestCa::Issued member = ca.Issue("alice/O=readers/O=writers", "", 5);
    TestCa::Issued expired_member = ca.Issue("bob", "", -1);
    TestCa::Issued client_of_other = other_ca.Issue("stranger", "", 5);
  };

  static void SetUpTestSuite() { files_ = new Files; }
  static void TearDownTestSuite() {
    delete files_;
    files_ = nullptr;
  }

  static KeyPair Pair(const TestCa::Issued& issued) {
    return {ReadFile(issued.certificate_file).value(), ReadFile(issued.key_file).value()};
  }

  static std::string CaPem() { return ReadFile(files_->ca.certificate_file()).value(); }

  void Serve(ServerTls tls) {
    handler_ = std::make_unique<FunctionHandler>(
        [this](const HttpRequest& request, std::shared_ptr<ResponseSink> sink) {
          chain_ = request.peer_chain_pem;
          sink->Send({.body = "hello " + request.target});
        });
    ServerOptions options{.tls = std::move(tls)};
    options.limits.handshake_timeout = absl::Milliseconds(200);
    auto server = HttpServer::Start(loop_, *handler_, std::move(options));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  absl::StatusOr<HttpResponse> Get(ClientTls tls, std::string_view host = "127.0.0.1") {
    auto client = HttpClient::Create(
        loop_, {.base_url = absl::StrCat("https://", std::string(host), ":", server_->port()),
                .tls = std::move(tls),
                .ignore_environment = true});
    if (!client.ok()) return client.status();
    return SendAndWait(loop_, **client, {.target = "/x"});
  }

  static Files* files_;
  AsioLoop loop_;
  std::string chain_;  // What the last client has shown.
  std::unique_ptr<FunctionHandler> handler_;
  std::unique_ptr<HttpServer> server_;
};

TlsTest::Files* TlsTest::files_ = nullptr;

TEST_F(TlsTest, VerifiesByAddressAndByName) {
  Serve({.key_pair = Pair(files_->server)});
  const auto by_address = Get({.ca_pem = CaPem()});
  ASSERT_TRUE(by_address.ok()) << by_address.status();
  EXPECT_EQ(by_address->body, "hello /x");
  EXPECT_TRUE(Get({.ca_file = files_->ca.certificate_file()}).ok());
  EXPECT_TRUE(Get({.ca_pem = CaPem()}, "localhost").ok());
  EXPECT_TRUE(Get({.ca_pem = CaPem(), .server_name = "a.example.com"}).ok());
}

TEST_F(TlsTest, TheClientRefusesTheWrongServer) {
  struct Row {
    std::string name;
    TestCa::Issued Files::*certificate;
    std::string server_name;  // Empty: the address.
    bool right_ca;
    std::string why;
  };
  const std::vector<Row> rows = {
      {"UnknownAuthority", &Files::server, "", false, "unable to get local issuer certificate"},
      {"WrongAddress", &Files::server_by_name, "", true, "IP address mismatch"},
      {"CommonNameIsNoName", &Files::server_no_names, "", true, "IP address mismatch"},
      {"WrongName", &Files::server, "example.org", true, "hostname mismatch"},
      {"WildcardIsOneLabel", &Files::server, "a.b.example.com", true, "hostname mismatch"},
      {"Expired", &Files::expired, "", true, "certificate has expired"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Serve({.key_pair = Pair(files_->*row.certificate)});
    const std::string ca =
        row.right_ca ? CaPem() : ReadFile(files_->other_ca.certificate_file()).value();
    const auto answer = Get({.ca_pem = ca, .server_name = row.server_name});
    EXPECT_EQ(answer.status().code(), StatusCode::kUnavailable);
    EXPECT_THAT(std::string(answer.status().message()), HasSubstr(row.why));
    // Who asks for it gets it all the same.
    EXPECT_TRUE(Get({.server_name = row.server_name, .insecure_skip_verify = true}).ok());
  }
}

TEST_F(TlsTest, TheServerInsistsOnTheClientsCertificate) {
  Serve({.key_pair = Pair(files_->server), .client_ca_pem = CaPem()});
  EXPECT_TRUE(Get({.ca_pem = CaPem(), .key_pair = Pair(files_->client)}).ok());
  const auto none = Get({.ca_pem = CaPem()});
  EXPECT_FALSE(none.ok());
  const auto stranger = Get({.ca_pem = CaPem(), .key_pair = Pair(files_->client_of_other)});
  EXPECT_FALSE(stranger.ok());
}

TEST_F(TlsTest, TheServerAsksForACertificateAndTakesAnyOrNone) {
  Serve({.key_pair = Pair(files_->server), .ask_client_certificate = true});
  const auto none = Get({.ca_pem = CaPem()});
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(chain_, "");
  for (const TestCa::Issued& shown : {files_->client_of_other, files_->expired_member}) {
    const auto answer = Get({.ca_pem = CaPem(), .key_pair = Pair(shown)});
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_NE(chain_, "");
    EXPECT_FALSE(VerifyClientCertificate(chain_, CaPem(), loop_.Now().wall).ok());
  }
  // The authority itself may come along.
  KeyPair with_authority = Pair(files_->member);
  with_authority.certificate_pem += CaPem();
  ASSERT_TRUE(Get({.ca_pem = CaPem(), .key_pair = with_authority}).ok());
  const auto subject = VerifyClientCertificate(chain_, CaPem(), loop_.Now().wall);
  ASSERT_TRUE(subject.ok()) << subject.status();
  EXPECT_EQ(subject->common_name, "alice");
  EXPECT_EQ(subject->organizations, (std::vector<std::string>{"readers", "writers"}));
  // A server that does not ask is told nothing.
  Serve({.key_pair = Pair(files_->server)});
  ASSERT_TRUE(Get({.ca_pem = CaPem(), .key_pair = Pair(files_->member)}).ok());
  EXPECT_EQ(chain_, "");
}

TEST_F(TlsTest, AClientCertificateIsRefusedWithTheCause) {
  const std::string good = Pair(files_->member).certificate_pem;
  const std::string other_ca = ReadFile(files_->other_ca.certificate_file()).value();
  const absl::Time now = loop_.Now().wall;
  struct Row {
    std::string name;
    std::string chain;
    std::string authorities;
    absl::Time at;
    std::string why;
  };
  const std::vector<Row> rows = {
      {"Stranger", Pair(files_->client_of_other).certificate_pem, CaPem(), now,
       "unable to get local issuer certificate"},
      {"Expired", Pair(files_->expired_member).certificate_pem, CaPem(), now,
       "certificate has expired"},
      {"ExpiredLater", good, CaPem(), now + absl::Hours(24 * 30), "certificate has expired"},
      {"NotYet", good, CaPem(), now - absl::Hours(1), "certificate is not yet valid"},
      {"NoPem", "junk", CaPem(), now, "the client certificate is not PEM"},
      {"NoAuthority", good, "", now, "the client certificate authority is not PEM"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto subject = VerifyClientCertificate(row.chain, row.authorities, row.at);
    EXPECT_THAT(std::string(subject.status().message()), HasSubstr(row.why));
  }
  EXPECT_TRUE(VerifyClientCertificate(good, other_ca + CaPem(), now).ok());
}

TEST_F(TlsTest, PlainAndTlsDoNotMix) {
  Serve({.key_pair = Pair(files_->server)});
  auto plain = HttpClient::Create(
      loop_,
      {.base_url = absl::StrCat("http://127.0.0.1:", server_->port()), .ignore_environment = true});
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(SendAndWait(loop_, **plain, {}).status().code(), StatusCode::kAborted);

  auto server = HttpServer::Start(loop_, *handler_, {});
  ASSERT_TRUE(server.ok());
  server_ = *std::move(server);
  const auto answer = Get({.ca_pem = CaPem()});
  EXPECT_EQ(answer.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("TLS with 127.0.0.1:"));
}

TEST_F(TlsTest, TheServerDropsAHandshakeThatStalls) {
  Serve({.key_pair = Pair(files_->server)});
  // The start of a client's hello, and then silence.
  const auto stalled = std::make_unique<RawSocket>(server_->port());
  stalled->Send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  EXPECT_TRUE(Get({.ca_pem = CaPem()}).ok());
  EXPECT_TRUE(WaitFor(loop_, [&] {
    stalled->Poll();
    return stalled->ended();
  }));
}

// The authority of the API server is replaced, and the server's certificate after it.
TEST_F(TlsTest, Row43AClientTakesNewAuthoritiesWithoutARestart) {
  Serve({.key_pair = Pair(files_->server)});
  const std::string other_ca = ReadFile(files_->other_ca.certificate_file()).value();
  auto client =
      HttpClient::Create(loop_, {.base_url = absl::StrCat("https://127.0.0.1:", server_->port()),
                                 .tls = {.ca_pem = other_ca},
                                 .ignore_environment = true});
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_FALSE(SendAndWait(loop_, **client, {.target = "/x"}).ok());
  EXPECT_FALSE((*client)->SetTls({.ca_pem = "junk"}).ok());
  EXPECT_FALSE(SendAndWait(loop_, **client, {.target = "/x"}).ok());
  ASSERT_TRUE((*client)->SetTls({.ca_pem = other_ca + CaPem()}).ok());
  const auto answer = SendAndWait(loop_, **client, {.target = "/x"});
  EXPECT_TRUE(answer.ok()) << answer.status();
}

TEST_F(TlsTest, ACertificateSaysWhenItEnds) {
  const auto end = ExpirationOf(Pair(files_->server).certificate_pem);
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_GT(*end, loop_.Now().wall + absl::Hours(24 * 4));
  EXPECT_LT(*end, loop_.Now().wall + absl::Hours(24 * 5 + 1));
  EXPECT_FALSE(ExpirationOf("").ok());
}

TEST_F(TlsTest, Row43TheServerTakesANewCertificateWithoutAPause) {
  Serve({.key_pair = Pair(files_->expired)});
  EXPECT_FALSE(Get({.ca_pem = CaPem()}).ok());
  EXPECT_FALSE(server_->SetTls({.key_pair = {"junk", "junk"}}).ok());
  ASSERT_TRUE(server_->SetTls({.key_pair = Pair(files_->server)}).ok());
  EXPECT_TRUE(Get({.ca_pem = CaPem()}).ok());
}

TEST_F(TlsTest, ServesCppHttplib) {
  Serve({.key_pair = Pair(files_->server), .client_ca_pem = CaPem()});
  RunBeside(loop_, [this] {
    httplib::SSLClient client("127.0.0.1", server_->port(), files_->client.certificate_file,
                              files_->client.key_file);
    client.set_ca_cert_path(files_->ca.certificate_file().c_str());
    client.enable_server_certificate_verification(true);
    client.set_keep_alive(true);
    for (int i = 0; i < 3; ++i) {
      const auto answer = client.Get("/lib");
      ASSERT_TRUE(answer) << httplib::to_string(answer.error());
      EXPECT_EQ(answer->status, 200);
      EXPECT_EQ(answer->body, "hello /lib");
    }
  });
}

TEST_F(TlsTest, AsksCppHttplib) {
  const std::string ca_file = files_->ca.certificate_file();
  httplib::SSLServer other(files_->server.certificate_file.c_str(), files_->server.key_file.c_str(),
                           ca_file.c_str());
  ASSERT_TRUE(other.is_valid());
  other.Post("/echo", [](const httplib::Request& request, httplib::Response& response) {
    response.set_content("got " + request.body, "text/plain");
  });
  other.Get("/chunks", [](const httplib::Request&, httplib::Response& response) {
    response.set_chunked_content_provider("text/plain",
                                          [](std::size_t offset, httplib::DataSink& sink) {
                                            if (offset >= 6) {
                                              sink.done();
                                            } else {
                                              sink.write("ab", 2);
                                            }
                                            return true;
                                          });
  });
  const int port = other.bind_to_any_port("127.0.0.1");
  ASSERT_GT(port, 0);
  std::thread serving([&other] { other.listen_after_bind(); });

  auto client =
      HttpClient::Create(loop_, {.base_url = absl::StrCat("https://127.0.0.1:", port),
                                 .tls = {.ca_pem = CaPem(), .key_pair = Pair(files_->client)},
                                 .ignore_environment = true});
  ASSERT_TRUE(client.ok());
  const auto echo =
      SendAndWait(loop_, **client, {.method = "POST", .target = "/echo", .body = "x"});
  EXPECT_TRUE(echo.ok()) << echo.status();
  EXPECT_EQ(echo.ok() ? echo->body : "", "got x");
  StreamRecord record;
  (*client)->Stream({.target = "/chunks"}, {}, record.Handlers());
  EXPECT_TRUE(loop_.RunUntil([&] { return record.end.has_value(); }, kTestLimit));
  EXPECT_EQ(record.end, absl::OkStatus());
  EXPECT_EQ(record.data, "ababab");

  *client = nullptr;
  other.stop();
  serving.join();
}

// Loading.

TEST_F(TlsTest, LoadsAKeyPair) {
  const auto pair =
      LoadKeyPair(files_->server.certificate_file, files_->server.key_file, absl::Now());
  ASSERT_TRUE(pair.ok()) << pair.status();
  EXPECT_EQ(pair->certificate_pem, ReadFile(files_->server.certificate_file).value());
}

TEST_F(TlsTest, SaysWhatIsWrongWithAKeyPair) {
  const std::string directory = files_->ca.directory();
  const auto write = [&directory](const std::string& name, const std::string& text) {
    const std::string path = absl::StrCat(directory, "/", name);
    std::ofstream(path) << text;
    return path;
  };
  const TestCa::Issued& good = files_->server;
  const std::string locked = directory + "/locked.key";
  RunTestCommand("openssl pkey -in " + good.key_file + " -aes256 -passout pass:x -out " + locked);
  const std::string pem = ReadFile(good.certificate_file).value();
  struct Row {
    std::string certificate_file;
    std::string key_file;
    std::string why;
  };
  const std::vector<Row> rows = {
      {directory + "/none.crt", good.key_file, "none.crt: No such file"},
      {good.certificate_file, directory, " is a directory; name a file"},
      {write("empty.crt", ""), good.key_file, "the certificate is not PEM"},
      {write("text.crt", "hello"), good.key_file, "the certificate is not PEM"},
      {write("cut.crt", pem.substr(0, pem.size() / 2)), good.key_file, "certificate is"},
      {good.key_file, good.key_file, "the certificate is not PEM"},
      {good.certificate_file, good.certificate_file, "the private key is not PEM"},
      {good.certificate_file, locked, "protected by a password"},
      {good.certificate_file, files_->client.key_file, "does not belong to the certificate"},
      {files_->expired.certificate_file, files_->expired.key_file, "has expired at 20"},
  };
  for (const Row& row : rows) {
    const auto pair = LoadKeyPair(row.certificate_file, row.key_file, absl::Now());
    ASSERT_FALSE(pair.ok()) << row.why;
    EXPECT_THAT(std::string(pair.status().message()), HasSubstr(row.why));
  }
  const auto early =
      LoadKeyPair(good.certificate_file, good.key_file, absl::Now() - absl::Hours(24 * 3));
  EXPECT_THAT(std::string(early.status().message()), HasSubstr("valid only from 20"));
}

// Self-signed.

TEST_F(TlsTest, SelfSignedCertificatesSatisfyOpenssl) {
  const absl::Time now = absl::Now();
  const auto pair = MakeSelfSigned({"heat.example", "127.0.0.1", "::1"}, now);
  ASSERT_TRUE(pair.ok()) << pair.status();
  const std::string file = files_->ca.directory() + "/self.crt";
  std::ofstream(file) << pair->certificate_pem;
  const std::string text_file = file + ".txt";
  RunTestCommand("openssl verify -x509_strict -CAfile " + file + " " + file);
  RunTestCommand("openssl x509 -in " + file + " -noout -text -ext subjectAltName >" + text_file);
  RunTestCommand("openssl x509 -in " + file + " -noout -checkend " + absl::StrCat(364 * 24 * 3600));
  const std::string text = ReadFile(text_file).value();
  EXPECT_THAT(text,
              HasSubstr("DNS:heat.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1"));
  EXPECT_THAT(text, HasSubstr("prime256v1"));
  EXPECT_TRUE(CheckKeyPair(*pair, now).ok());
  EXPECT_FALSE(CheckKeyPair(*pair, now + absl::Hours(24 * 366)).ok());
  const auto other = MakeSelfSigned({"heat.example"}, now);
  EXPECT_NE(pair->key_pem, other->key_pem);
}

TEST_F(TlsTest, SelfSignedCertificatesNeedSaneNames) {
  EXPECT_FALSE(MakeSelfSigned({}, absl::Now()).ok());
  EXPECT_FALSE(MakeSelfSigned({""}, absl::Now()).ok());
  EXPECT_FALSE(MakeSelfSigned({"a,DNS:evil.example"}, absl::Now()).ok());
}

}  // namespace tls_test
}  // namespace heat_scheduler::net
