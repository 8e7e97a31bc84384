#include "cmd/heat-scheduler/config_flags.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/cmd/heat-scheduler/parse_flags.h"

namespace heat_scheduler {
namespace config_flags_test {

class ConfigFlagsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "config-flags-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
    return Path(name);
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(Path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string folder_;
};

std::string Parse(std::vector<const char*> arguments, ConfigFlags& flags) {
  return ParseFlags(&AddConfigFlags, std::move(arguments), flags);
}

constexpr char kConfig[] =
    "apiVersion: kubescheduler.config.k8s.io/v1\n"
    "kind: KubeSchedulerConfiguration\n"
    "podMaxBackoffSeconds: 30\n";

TEST_F(ConfigFlagsTest, AreTaken) {
  ConfigFlags flags;
  EXPECT_EQ(Parse({"--config", "c.yaml", "--validate-config", "--write-config-to=out"}, flags), "");
  EXPECT_EQ(flags.config, "c.yaml");
  EXPECT_TRUE(flags.validate_config);
  EXPECT_EQ(flags.write_config_to, "out");
}

TEST_F(ConfigFlagsTest, NothingIsValidatedWithoutAFile) {
  ConfigFlags flags;
  EXPECT_EQ(Parse({"--validate-config"}, flags), "--validate-config requires --config");
}

std::string ParseAll(std::vector<const char*> arguments, ConfigFlags& flags) {
  return ParseFlags<ConfigFlags>(
      [](CLI::App& app, ConfigFlags& into) {
        AddConfigFlags(app, into);
        AddPolicyFlags(app, into);
      },
      std::move(arguments), flags);
}

TEST_F(ConfigFlagsTest, ThereIsOneSourceOfConfiguration) {
  ConfigFlags flags;
  EXPECT_EQ(ParseAll({"--policy-configmap=scheduler-config", "--policy-configmap-namespace=ns",
                      "--scheduler-name=heat-scheduler"},
                     flags),
            "");
  EXPECT_EQ(ConfigSource(flags), "configmap ns/scheduler-config");
  EXPECT_EQ(ReadConfigFile(flags).value(), "");
  EXPECT_NE(ParseAll({"--config=c", "--policy-config-file=p"}, flags), "");
  EXPECT_NE(ParseAll({"--policy-config-file=p", "--policy-configmap=m"}, flags), "");
  EXPECT_NE(ParseAll({"--config=c", "--scheduler-name=s"}, flags), "");
  EXPECT_NE(ParseAll({"--policy-configmap-namespace=n"}, flags), "");
}

TEST_F(ConfigFlagsTest, APolicyOfBeforeIsTakenFromAFile) {
  const std::string path = Write("policy.cfg", R"({"kind":"Policy","apiVersion":"v1",
    "predicates":[{"name":"PodFitsResources"}],
    "extenders":[{"urlPrefix":"http://127.0.0.1:8100","apiVersion":"v1","filterVerb":"filter"}]})");
  ConfigFlags flags{.policy_config_file = path};
  std::vector<std::string> warnings;
  auto loaded = ParseConfig(flags, ReadConfigFile(flags).value(), &warnings);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->profiles[0].scheduler_name(), "default-scheduler");
  ASSERT_EQ(loaded->config.extenders.size(), 1u);
  EXPECT_EQ(loaded->config.extenders[0].filter_verb, "filter");
  EXPECT_EQ(warnings, std::vector<std::string>{
                          path + ": extenders[0]: key \"apiVersion\" is unknown and ignored"});
  flags.scheduler_name = "heat-scheduler";
  EXPECT_EQ(LoadConfig(flags)->profiles[0].scheduler_name(), "heat-scheduler");
  EXPECT_EQ(ParseConfig(flags, R"({"kind":"Policy","predicates":[{"name":"x"}]})", nullptr)
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(LoadConfig({.policy_config_file = Path("absent")}).status().message(),
            "--policy-config-file: cannot open " + Path("absent") + ": No such file or directory");
}

TEST_F(ConfigFlagsTest, TheDefaultProfileCanHaveAnotherName) {
  const auto loaded = LoadConfig({.scheduler_name = "cool"});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->profiles[0].scheduler_name(), "cool");
  EXPECT_FALSE(loaded->profiles[0].set_filter().empty());
}

TEST_F(ConfigFlagsTest, WithoutAFileTheDefaultsHold) {
  const auto loaded = LoadConfig({});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ASSERT_EQ(loaded->profiles.size(), 1u);
  EXPECT_EQ(loaded->profiles[0].scheduler_name(), "heat-scheduler");
  const auto done = ValidateOrWrite({}, loaded->config);
  ASSERT_TRUE(done.ok());
  EXPECT_FALSE(*done);
}

TEST_F(ConfigFlagsTest, WhatIsWrittenIsReadAsTheSame) {
  ConfigFlags flags{.config = Write("c.yaml", kConfig), .write_config_to = Path("once.yaml")};
  const auto loaded = LoadConfig(flags);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.pod_max_backoff_seconds, 30);
  EXPECT_TRUE(*ValidateOrWrite(flags, loaded->config));

  flags = {.config = Path("once.yaml"), .write_config_to = Path("twice.yaml")};
  const auto again = LoadConfig(flags);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(*ValidateOrWrite(flags, again->config));
  EXPECT_EQ(Read("twice.yaml"), Read("once.yaml"));
  EXPECT_NE(Read("once.yaml").find("podMaxBackoffSeconds: 30\n"), std::string::npos);
}

TEST_F(ConfigFlagsTest, AllMistakesAreTold) {
  const std::string path = Write("c.yaml", std::string(kConfig) + "parallelism: 0\nburst: 1\n");
  EXPECT_EQ(LoadConfig({.config = path}).status().message(),
            "the configuration is refused\n" + path +
                ": parallelism: must be greater than 0, got 0\n" + path +
                ": unknown key \"burst\", did you mean parallelism?");
}

TEST_F(ConfigFlagsTest, FilesThatCannotBeReadOrWrittenAreNamed) {
  EXPECT_EQ(LoadConfig({.config = Path("absent")}).status().message(),
            "--config: cannot open " + Path("absent") + ": No such file or directory");
  EXPECT_FALSE(LoadConfig({.config = folder_}).ok());
  EXPECT_EQ(ValidateOrWrite({.write_config_to = Path("no/where")}, {}).status().message(),
            "--write-config-to: cannot write " + Path("no/where") + ": No such file or directory");
}

}  // namespace config_flags_test
}  // namespace heat_scheduler
