#include "kube/client/kubeconfig.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace heat_scheduler::kube {
namespace kubeconfig_test {

using Files = std::map<std::string, std::string>;

const absl::Time kNow = absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone());

const net::KeyPair& Pair() {
  static const net::KeyPair pair = net::MakeSelfSigned({"client"}, kNow).value();
  return pair;
}

// Of another key than Pair().
const net::KeyPair& OtherPair() {
  static const net::KeyPair pair = net::MakeSelfSigned({"other"}, kNow).value();
  return pair;
}

// An ECDSA key whose password is "x".
constexpr char kProtectedKey[] = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhM7J2puf/lAQICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEMmL7Sdayr4DMThLxhbMmxYEgZDe
/5/FoTUBUiEnii2BmXzspA6KnzzL8wSLuOH6onfs81SpEfccCaP8lY7ImqAcSEgq
kasN46PqXWDJNCg7jg+bY3LtTK0YRGo86jr3BycYG3gkVEx0we6p/FG2/StB9hRu
QyVpVf81dyOiHnmed3KMV9IkBvnwv85yYidqV1GfURgnfiwZJXkuMhUkXqc5qoA=
-----END ENCRYPTED PRIVATE KEY-----
)";

// The PEM files that every test finds.
Files Pems() {
  return {{"/etc/k/ca.pem", OtherPair().certificate_pem},
          {"/etc/k/client.pem", Pair().certificate_pem},
          {"/etc/k/client.key", Pair().key_pem},
          {"/etc/k/other.key", OtherPair().key_pem},
          {"/etc/k/protected.key", kProtectedKey},
          {"/etc/k/token", "from-file\n"},
          {"/etc/k/empty", ""}};
}

FileReader Reader(Files files) {
  files.merge(Pems());
  return [files = std::move(files)](const std::string& path) -> absl::StatusOr<std::string> {
    if (path == "/dir") return absl::InvalidArgumentError("/dir is a directory; name a file");
    if (path == "/secret") return absl::PermissionDeniedError("cannot open /secret");
    const auto found = files.find(path);
    if (found == files.end()) return absl::NotFoundError("cannot open " + path);
    return found->second;
  };
}

// A kubeconfig with one context, cluster and user; the arguments are flow mappings.
std::string Config(const std::string& cluster, const std::string& user = "{}") {
  return absl::StrCat(
      "apiVersion: v1\nkind: Config\ncurrent-context: dev\n"
      "contexts:\n- name: dev\n  context: {cluster: c, user: u, namespace: team}\n"
      "clusters:\n- name: c\n  cluster: ",
      cluster, "\nusers:\n- name: u\n  user: ", user, "\n");
}

constexpr char kServer[] = "{server: 'https://h:6443'}";

// Stands still.
class StoppedClock final : public Clock {
 public:
  explicit StoppedClock(absl::Time now) : now_(now) {}
  Instant Now() const override { return {now_, {}}; }

 private:
  const absl::Time now_;
};
const StoppedClock kClock(kNow);

absl::StatusOr<ClientConfig> Load(const std::string& text, const std::string& context = "") {
  return LoadKubeconfig({.paths = {"/etc/k/config"}, .must_exist = true}, context, kClock,
                        Reader({{"/etc/k/config", text}}));
}

std::string Authorization(const ClientConfig& config) {
  TokenSource token = config.token;
  return token.Authorization({}).value();
}

TEST(Kubeconfig, ReadsEveryField) {
  const auto config =
      Load(Config("{server: 'https://[::1]:6443', certificate-authority: ca.pem, tls-server-name: "
                  "api.local, proxy-url: 'http://proxy:3128'}",
                  "{client-certificate: client.pem, client-key: /etc/k/client.key, token: abc}"));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->server, "https://[::1]:6443");
  EXPECT_EQ(config->tls.ca_pem, OtherPair().certificate_pem);
  EXPECT_EQ(config->tls.server_name, "api.local");
  EXPECT_FALSE(config->tls.insecure_skip_verify);
  EXPECT_EQ(config->tls.key_pair.certificate_pem, Pair().certificate_pem);
  EXPECT_EQ(config->tls.key_pair.key_pem, Pair().key_pem);
  EXPECT_EQ(config->proxy_url, "http://proxy:3128");
  EXPECT_EQ(config->namespace_, "team");
  EXPECT_EQ(config->origin, "kubeconfig /etc/k/config: context \"dev\"");
  EXPECT_EQ(Authorization(*config), "Bearer abc");
}

TEST(Kubeconfig, ReadsDataInBase64EvenWithLineEnds) {
  std::string data = absl::Base64Escape(Pair().certificate_pem);
  data.insert(60, "\\n");
  const auto config =
      Load(Config(absl::StrCat("{server: 'https://h', certificate-authority-data: \"", data, "\"}"),
                  absl::StrCat("{client-certificate-data: \"", data,
                               "\", client-key-data: ", absl::Base64Escape(Pair().key_pem), "}")));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->tls.ca_pem, Pair().certificate_pem);
  EXPECT_EQ(config->tls.key_pair.key_pem, Pair().key_pem);
}

TEST(Kubeconfig, JsonIsYamlToo) {
  const auto config = Load(
      R"({"kind":"Config","current-context":"d","contexts":[{"name":"d","context":{"cluster":"c"}}],
          "clusters":[{"name":"c","cluster":{"server":"http://127.0.0.1:8080"}}],"users":null})");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->server, "http://127.0.0.1:8080");
  EXPECT_EQ(config->namespace_, "default");
  EXPECT_EQ(Authorization(*config), "");
}

struct CredentialRow {
  std::string name;
  std::string user;
  std::string header;
};

class KubeconfigCredentials : public testing::TestWithParam<CredentialRow> {};

TEST_P(KubeconfigCredentials, BecomeTheAuthorizationHeader) {
  const auto config = Load(Config(kServer, GetParam().user));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(Authorization(*config), GetParam().header);
}

INSTANTIATE_TEST_SUITE_P(
    All, KubeconfigCredentials,
    testing::Values(CredentialRow{"None", "{}", ""}, CredentialRow{"Null", "", ""},
                    CredentialRow{"Token", "{token: abc}", "Bearer abc"},
                    CredentialRow{"TokenFile", "{tokenFile: token}", "Bearer from-file"},
                    CredentialRow{"TokenFileGoesFirst", "{token: abc, tokenFile: /etc/k/token}",
                                  "Bearer from-file"},
                    CredentialRow{"Password", "{username: bob, password: pw}", "Basic Ym9iOnB3"},
                    CredentialRow{"UnknownFieldsAreIgnored", "{token: abc, colour: red}",
                                  "Bearer abc"}),
    [](const auto& row) { return row.param.name; });

TEST(Kubeconfig, InsecureSkipsVerification) {
  EXPECT_TRUE(Load(Config("{server: 'https://h', insecure-skip-tls-verify: true}"))
                  ->tls.insecure_skip_verify);
}

TEST(Kubeconfig, ContextCanBeChosen) {
  const std::string two = absl::StrReplaceAll(
      Config(kServer),
      {{"contexts:\n", "contexts:\n- name: prod\n  context: {cluster: c, namespace: p}\n"}});
  EXPECT_EQ(Load(two)->namespace_, "team");
  EXPECT_EQ(Load(two, "prod")->namespace_, "p");
}

TEST(Kubeconfig, FirstFileWinsEntryByEntry) {
  const Files files = {
      {"/a/config",
       "current-context: one\n"
       "contexts:\n- name: one\n  context: {cluster: c, user: u}\n"
       "users:\n- name: u\n  user: {tokenFile: rel}\n"},
      {"/a/rel", "from-a"},
      {"/b/config",
       "current-context: two\n"
       "contexts:\n- name: one\n  context: {cluster: nowhere}\n"
       "clusters:\n- name: c\n  cluster: {server: 'https://b', certificate-authority: ca}\n"
       "users:\n- name: u\n  user: {username: bob, password: pw}\n"},
      {"/b/ca", OtherPair().certificate_pem},
      {"/c/config", "clusters:\n- name: c\n  cluster: {server: 'https://c'}\n"}};
  const auto config =
      LoadKubeconfig(FindKubeconfig("", ":/a/config::/missing:/b/config:/c/config:", "/home/me"),
                     "", kClock, Reader(files));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->server, "https://b");
  EXPECT_EQ(config->tls.ca_pem, OtherPair().certificate_pem);
  EXPECT_EQ(Authorization(*config), "Bearer from-a");
}

struct FindRow {
  std::string name;
  std::string flag, env, home;
  std::vector<std::string> paths;
  bool must_exist;
};

class FindKubeconfigTest : public testing::TestWithParam<FindRow> {};

TEST_P(FindKubeconfigTest, FollowsKubectl) {
  const auto found = FindKubeconfig(GetParam().flag, GetParam().env, GetParam().home);
  EXPECT_EQ(found.paths, GetParam().paths);
  EXPECT_EQ(found.must_exist, GetParam().must_exist);
}

INSTANTIATE_TEST_SUITE_P(
    All, FindKubeconfigTest,
    testing::Values(FindRow{"Flag", "/f", "/e", "/h", {"/f"}, true},
                    FindRow{"Environment", "", "/e:/g", "/h", {"/e", "/g"}, false},
                    FindRow{"EmptyEntries", "", "::", "/h", {"/h/.kube/config"}, false},
                    FindRow{"Home", "", "", "/h", {"/h/.kube/config"}, false},
                    FindRow{"Nothing", "", "", "", {}, false}),
    [](const auto& row) { return row.param.name; });

struct BadRow {
  std::string name;
  std::string text;
  std::string message;
};

class KubeconfigBad : public testing::TestWithParam<BadRow> {};

TEST_P(KubeconfigBad, NamesFileEntryAndRemedy) {
  EXPECT_EQ(std::string(Load(GetParam().text).status().message()), GetParam().message);
}

const std::string kCluster = "kubeconfig /etc/k/config: cluster \"c\": ";
const std::string kUser = "kubeconfig /etc/k/config: user \"u\": ";

INSTANTIATE_TEST_SUITE_P(
    Shape, KubeconfigBad,
    testing::Values(
        BadRow{"Empty", "",
               "kubeconfig /etc/k/config: no context is chosen; set current-context or give one "
               "with --context"},
        BadRow{"NotAMapping", "just text",
               "kubeconfig /etc/k/config:1:1: document 1: expected an object of keys and values, "
               "found a single value"},
        BadRow{"OtherKind", "kind: Pod\n",
               "kubeconfig /etc/k/config: is not a kubeconfig; its top level has kind: Config, "
               "clusters, users and contexts"},
        BadRow{"TwoDocuments", "a: 1\n---\nb: 2\n",
               "kubeconfig /etc/k/config: holds several YAML documents; keep one, or name several "
               "files in KUBECONFIG"},
        BadRow{"ListIsNone", "clusters: {c: d}\n",
               "kubeconfig /etc/k/config: clusters is not a list; write its entries as \"- name: "
               "...\""},
        BadRow{"NoName", "users:\n- user: {token: a}\n",
               "kubeconfig /etc/k/config: users[0] has no name; give it one, as text"},
        BadRow{"NameIsNoText", "users:\n- name: 7\n",
               "kubeconfig /etc/k/config: users[0] has no name; give it one, as text"},
        BadRow{"EntryIsNoMapping", "contexts:\n- name: x\n  context: y\n",
               "kubeconfig /etc/k/config: contexts[0] \"x\": context is not a mapping of its "
               "fields"},
        BadRow{"TwoOfAName", "clusters:\n- name: c\n- name: c\n",
               "kubeconfig /etc/k/config: clusters has two entries named \"c\"; remove or rename "
               "one"},
        BadRow{"CurrentContextIsNoText", "current-context: 7\n",
               "kubeconfig /etc/k/config: current-context is not text; put it in quotes"},
        BadRow{"ContextUndefined", "current-context: x\ncontexts:\n- name: a\n- name: b\n",
               "kubeconfig /etc/k/config: context \"x\" is not defined; there are: \"a\", \"b\""},
        BadRow{"ContextWithoutCluster", "current-context: a\ncontexts:\n- name: a\n",
               "kubeconfig /etc/k/config: context \"a\": cluster is missing; name one of the "
               "clusters"},
        BadRow{"ClusterUndefined",
               "current-context: a\ncontexts:\n- name: a\n  context: {cluster: x}\n",
               "kubeconfig /etc/k/config: context \"a\": cluster \"x\" is not defined; there is "
               "none"},
        BadRow{"UserUndefined",
               "current-context: a\ncontexts:\n- name: a\n  context: {cluster: c, user: x}\n"
               "clusters:\n- name: c\n  cluster: {server: 'https://h'}\n",
               "kubeconfig /etc/k/config: context \"a\": user \"x\" is not defined; there is "
               "none"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Cluster, KubeconfigBad,
    testing::Values(
        BadRow{"NoServer", Config("{}"),
               kCluster + "server is missing; write server: https://<host>:<port>"},
        BadRow{"ServerWithoutScheme", Config("{server: '10.0.0.1:6443'}"),
               kCluster + "server \"10.0.0.1:6443\" has no scheme; put https:// before it"},
        BadRow{"ServerIsNumber", Config("{server: 5}"),
               kCluster + "server is not text; put it in quotes"},
        BadRow{"ProxyOfAnotherKind", Config("{server: 'https://h', proxy-url: 'socks5://p:1'}"),
               kCluster + "proxy-url: URL \"socks5://p:1\": its scheme is neither http nor https; "
                          "write it as https://host:port or http://host:port"},
        BadRow{"CaTwice",
               Config("{server: 'https://h', certificate-authority: ca.pem, "
                      "certificate-authority-data: YQ==}"),
               kCluster +
                   "certificate-authority and certificate-authority-data are both given; keep one"},
        BadRow{"CaMissing", Config("{server: 'https://h', certificate-authority: none.pem}"),
               kCluster + "certificate-authority: cannot open /etc/k/none.pem"},
        BadRow{"CaIsNoBase64", Config("{server: 'https://h', certificate-authority-data: '%%'}"),
               kCluster + "certificate-authority-data is not base64; encode the PEM file with "
                          "base64 -w0"},
        BadRow{"CaIsNoPem", Config("{server: 'https://h', certificate-authority-data: YQ==}"),
               kCluster + "certificate-authority-data holds no PEM block with a CERTIFICATE"},
        BadRow{"CaFileIsEmpty", Config("{server: 'https://h', certificate-authority: empty}"),
               kCluster + "certificate-authority holds no PEM block with a CERTIFICATE"},
        BadRow{"InsecureWithCa",
               Config("{server: 'https://h', insecure-skip-tls-verify: true, "
                      "certificate-authority: ca.pem}"),
               kCluster + "insecure-skip-tls-verify is true although a certificate-authority is "
                          "given; remove one of the two"},
        BadRow{"InsecureIsText", Config("{server: 'https://h', insecure-skip-tls-verify: 'true'}"),
               kCluster + "insecure-skip-tls-verify is neither true nor false"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    User, KubeconfigBad,
    testing::Values(
        BadRow{"ExecWithoutVersion", Config(kServer, "{exec: {command: aws}}"),
               kUser + "exec: apiVersion \"\" is not understood; write "
                       "client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1"},
        BadRow{"ExecFails",
               Config(kServer,
                      "{exec: {command: 'false', apiVersion: "
                      "client.authentication.k8s.io/v1, interactiveMode: Never}}"),
               kUser + "exec: \"false\" ended with status 1"},
        BadRow{"ExecAndToken", Config(kServer, "{exec: {command: aws}, token: a}"),
               kUser + "exec and a token or username are both given; keep one"},
        BadRow{"ExecAndCertificate",
               Config(kServer,
                      "{exec: {command: aws}, client-certificate: client.pem, "
                      "client-key: client.key}"),
               kUser + "exec: there is a client-certificate, too; keep one"},
        BadRow{"AuthProvider", Config(kServer, "{auth-provider: {name: gcp}}"),
               kUser + "auth-provider is not supported; use a client certificate, a token or a "
                       "tokenFile instead"},
        BadRow{"Impersonation", Config(kServer, "{token: a, as: root}"),
               kUser + "as (impersonation) is not supported; use that user's own credentials"},
        BadRow{"TokenIsNumber", Config(kServer, "{token: 123}"),
               kUser + "token is not text; put it in quotes"},
        BadRow{"TokenOfTwoLines", Config(kServer, "{token: \"a\\nX-Evil: b\"}"),
               kUser + "token holds a line end or another control character; write the token "
                       "alone"},
        BadRow{"PasswordAndToken", Config(kServer, "{token: a, username: bob}"),
               kUser + "username and a token are both given; keep one"},
        BadRow{"TokenFileMissing", Config(kServer, "{tokenFile: none}"),
               kUser + "tokenFile: cannot open /etc/k/none"},
        BadRow{"TokenFileEmpty", Config(kServer, "{tokenFile: empty}"),
               kUser + "tokenFile: token file /etc/k/empty is empty; put a bearer token into it"},
        BadRow{"CertificateWithoutKey", Config(kServer, "{client-certificate: client.pem}"),
               kUser + "client-certificate is given without its client-key; add it"},
        BadRow{"KeyWithoutCertificate", Config(kServer, "{client-key: client.key}"),
               kUser + "client-key is given without its client-certificate; add it"},
        BadRow{"KeyOfAnother",
               Config(kServer, "{client-certificate: client.pem, client-key: other.key}"),
               kUser + "client-certificate: the private key does not belong to the certificate"},
        BadRow{"KeyWithPassword",
               Config(kServer, "{client-certificate: client.pem, client-key: protected.key}"),
               kUser + "client-certificate: the private key is protected by a password; store it "
                       "without one"},
        BadRow{"KeyIsACertificate",
               Config(kServer, "{client-certificate: client.pem, client-key: ca.pem}"),
               kUser + "client-key holds no PEM block with a PRIVATE KEY"}),
    [](const auto& row) { return row.param.name; });

TEST(Kubeconfig, AsksTheProgramOfAUser) {
  // It says as its token for which server it was asked.
  const std::string script =
      "printf '{\"kind\": \"ExecCredential\", \"apiVersion\": "
      "\"client.authentication.k8s.io/v1\", \"status\": {\"token\": \"%s\"}}' "
      "\"$(echo \"$KUBERNETES_EXEC_INFO\" | grep -o 'https://[a-z.:0-9]*')\"";
  const auto config =
      Load(Config(kServer, absl::StrCat("\n    exec:\n      command: sh\n      args: ['-c', '",
                                        absl::StrReplaceAll(script, {{"'", "''"}}),
                                        "']\n      apiVersion: client.authentication.k8s.io/v1\n"
                                        "      interactiveMode: Never\n"
                                        "      provideClusterInfo: true")));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(Authorization(*config), "Bearer https://h:6443");
}

TEST(Kubeconfig, ExpiredCertificateIsNamed) {
  const std::string text =
      Config(kServer, "{client-certificate: client.pem, client-key: client.key}");
  const auto config =
      LoadKubeconfig({.paths = {"/etc/k/config"}, .must_exist = true}, "",
                     StoppedClock(kNow + absl::Hours(24 * 366)), Reader({{"/etc/k/config", text}}));
  EXPECT_EQ(config.status().message(),
            kUser + "client-certificate: the certificate has expired at 2027-01-01T00:00:00Z");
}

struct FileRow {
  std::string name;
  KubeconfigPaths paths;
  std::string message;
};

class KubeconfigFileErrors : public testing::TestWithParam<FileRow> {};

TEST_P(KubeconfigFileErrors, NameTheFile) {
  EXPECT_EQ(LoadKubeconfig(GetParam().paths, "", kClock, Reader({})).status().message(),
            GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All, KubeconfigFileErrors,
    testing::Values(
        FileRow{"NamedButMissing", FindKubeconfig("/x", "", ""), "kubeconfig /x: cannot open /x"},
        FileRow{"NoneExists", FindKubeconfig("", "/x:/y", ""),
                "no kubeconfig found at /x, /y; name one with --kubeconfig or KUBECONFIG"},
        FileRow{"NoPlaceToLook", FindKubeconfig("", "", ""),
                "no kubeconfig found; name one with --kubeconfig or KUBECONFIG"},
        FileRow{"Directory", FindKubeconfig("", "/dir", ""),
                "kubeconfig /dir: /dir is a directory; name a file"},
        FileRow{"Unreadable", FindKubeconfig("", "/x:/secret", ""),
                "kubeconfig /secret: cannot open /secret"}),
    [](const auto& row) { return row.param.name; });

TEST(Kubeconfig, DamagedYamlIsNamedWithItsPlace) {
  const std::string message(Load("a: [1, 2\nb: }").status().message());
  EXPECT_EQ(message.substr(0, 28), "kubeconfig /etc/k/config:2:2") << message;
}

}  // namespace kubeconfig_test
}  // namespace heat_scheduler::kube
