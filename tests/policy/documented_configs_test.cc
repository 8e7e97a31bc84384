// Every configuration that the documents show is one that is taken.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/file_reader.h"
#include "policy/scheduler_config.h"

namespace heat_scheduler {
namespace documented_configs_test {

std::string Read(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(std::string(SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

// Returns the blocks of a document that hold a KubeSchedulerConfiguration.
std::vector<std::string> ConfigsOf(const std::string& document) {
  constexpr std::string_view kOpen = "```yaml\n";
  std::vector<std::string> configs;
  for (std::size_t at = 0; (at = document.find(kOpen, at)) != std::string::npos;) {
    at += kOpen.size();
    const std::size_t end = document.find("```", at);
    std::string block = document.substr(at, end - at);
    if (block.find(kConfigKind) != std::string::npos) configs.push_back(std::move(block));
    at = end;
  }
  return configs;
}

TEST(DocumentedConfigs, AreTaken) {
  std::vector<std::string> configs = ConfigsOf(Read("docs/configuration.md"));
  ASSERT_EQ(configs.size(), 3u);
  configs.pop_back();  // The one with mistakes.
  for (const std::string& config : configs) {
    const auto loaded = ParseSchedulerConfig(config, "configuration.md");
    EXPECT_TRUE(loaded.ok()) << loaded.status() << "\n" << config;
  }
}

TEST(DocumentedConfigs, MistakesAreToldAsShown) {
  const std::string page = Read("docs/configuration.md");
  const auto loaded = ParseSchedulerConfig(ConfigsOf(page).back(), "conf.yaml");
  ASSERT_FALSE(loaded.ok());
  const std::string told(loaded.status().message());
  EXPECT_NE(page.find("refused\n" + told + "\n```"), std::string::npos) << told;
}

TEST(DocumentedConfigs, OfTheExamplesAreTaken) {
  const auto loaded =
      ParseSchedulerConfig(Read("examples/scheduler-config.yaml"), "scheduler-config.yaml");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ASSERT_EQ(loaded->profiles.size(), 2u);
  EXPECT_EQ(loaded->profiles[0].set_filter().size(), 1u);
  EXPECT_EQ(loaded->profiles[1].score().back().weight, 5);
}

}  // namespace documented_configs_test
}  // namespace heat_scheduler
