// A set of plugins under one schedulerName, and which of them run at which extension point, in
// which order.
//
// Built once, at start; immutable and shared by all cycles afterwards.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "scheduler/framework/extension_point.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class Profile {
 public:
  // One plugin at one extension point.
  template <typename Interface>
  struct Entry {
    const Plugin* plugin;
    Interface* point;
  };
  struct ScoreEntry {
    const Plugin* plugin;
    ScorePlugin* point;
    std::int64_t weight;  // >= 1.
  };

  // A plugin's place in the list of an extension point.
  struct Place {
    Plugin* plugin = nullptr;       // One of Spec::plugins.
    std::int64_t score_weight = 1;  // Of Score alone.
  };
  // Everything that a profile is made of.
  struct Spec {
    std::string scheduler_name;
    std::vector<std::unique_ptr<Plugin>> plugins;
    // The plugins of each extension point in the order in which they run, by IndexOf.
    std::array<std::vector<Place>, kExtensionPoints.size()> points;
    // Once this share of all nodes was found to fit, in percent, no more come into question; 0: all
    // do.
    std::int32_t percentage_of_nodes_to_score = 0;
  };
  // A plugin that runs wherever it can.
  struct Enabled {
    std::unique_ptr<Plugin> plugin;
    std::int64_t score_weight = 1;
  };

  // Builds a profile. Returns InvalidArgument, naming profile and plugin, for an empty scheduler
  // name, two plugins of one name, one that stands twice in a list or in the list of a point that
  // it has no interface for, a weight below 1, weights with which a total could leave int64, a
  // percentage outside 0 to 100, no or two QueueSort plugins, or no Bind plugin.
  static absl::StatusOr<Profile> Create(Spec spec);

  // The same of plugins in the order given, each at every extension point that it implements.
  static absl::StatusOr<Profile> Create(std::string scheduler_name, std::vector<Enabled> plugins,
                                        std::int32_t percentage_of_nodes_to_score = 0);

  const std::string& scheduler_name() const { return scheduler_name_; }
  // All plugins, in the order given.
  const std::vector<std::unique_ptr<Plugin>>& plugins() const { return plugins_; }
  std::int32_t percentage_of_nodes_to_score() const { return percentage_of_nodes_to_score_; }
  const QueueSortPlugin& queue_sort() const { return *queue_sort_.front().point; }
  const std::vector<Entry<PreEnqueuePlugin>>& pre_enqueue() const { return pre_enqueue_; }
  const std::vector<Entry<PreFilterPlugin>>& pre_filter() const { return pre_filter_; }
  const std::vector<Entry<FilterPlugin>>& filter() const { return filter_; }
  const std::vector<Entry<SetFilterPlugin>>& set_filter() const { return set_filter_; }
  const std::vector<Entry<PostFilterPlugin>>& post_filter() const { return post_filter_; }
  const std::vector<Entry<PreScorePlugin>>& pre_score() const { return pre_score_; }
  const std::vector<ScoreEntry>& score() const { return score_; }
  const std::vector<Entry<ReservePlugin>>& reserve() const { return reserve_; }
  const std::vector<Entry<PermitPlugin>>& permit() const { return permit_; }
  const std::vector<Entry<PreBindPlugin>>& pre_bind() const { return pre_bind_; }
  const std::vector<Entry<BindPlugin>>& bind() const { return bind_; }
  const std::vector<Entry<PostBindPlugin>>& post_bind() const { return post_bind_; }

 private:
  Profile() = default;

  std::string scheduler_name_;
  std::vector<std::unique_ptr<Plugin>> plugins_;
  std::int32_t percentage_of_nodes_to_score_ = 0;
  std::vector<Entry<QueueSortPlugin>> queue_sort_;  // Exactly one.
  std::vector<Entry<PreEnqueuePlugin>> pre_enqueue_;
  std::vector<Entry<PreFilterPlugin>> pre_filter_;
  std::vector<Entry<FilterPlugin>> filter_;
  std::vector<Entry<SetFilterPlugin>> set_filter_;
  std::vector<Entry<PostFilterPlugin>> post_filter_;
  std::vector<Entry<PreScorePlugin>> pre_score_;
  std::vector<ScoreEntry> score_;
  std::vector<Entry<ReservePlugin>> reserve_;
  std::vector<Entry<PermitPlugin>> permit_;
  std::vector<Entry<PreBindPlugin>> pre_bind_;
  std::vector<Entry<BindPlugin>> bind_;
  std::vector<Entry<PostBindPlugin>> post_bind_;
};

}  // namespace heat_scheduler
