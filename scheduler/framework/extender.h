// Other people's HTTP extenders, as far as a decision knows them: which pods concern them, and what
// they are asked for. How they are reached is the caller's (extender/client/).
//
// Source: k8s.io/kube-scheduler/config/v1/types.go (Extender); pkg/scheduler/extender.go
// (IsInterested), pkg/scheduler/scheduler.go (buildExtenders), v1.36.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "kube/objects.h"

namespace heat_scheduler {

// `tlsConfig`. Data wins over the file of the same thing; both are PEM.
struct ExtenderTls {
  bool insecure = false;
  std::string server_name = {};
  std::string cert_file = {}, key_file = {}, ca_file = {};
  std::string cert_data = {}, key_data = {}, ca_data = {};
};

struct ManagedResource {
  std::string name;
  bool ignored_by_scheduler = false;
};

// One of `extenders`.
struct ExtenderConfig {
  std::string url_prefix = {};  // Its name in messages, too.
  // What it is called for, by the last part of the URL; empty: not for that.
  std::string filter_verb = {}, preempt_verb = {}, prioritize_verb = {}, bind_verb = {};
  std::int64_t weight = 0;  // Of its scores; >= 1 with a prioritizeVerb.
  bool enable_https = false;
  ExtenderTls tls = {};
  absl::Duration timeout = absl::Seconds(5);  // Of each call.
  bool node_cache_capable = false;            // It is told the names of nodes, not the nodes.
  std::vector<ManagedResource> managed_resources = {};  // Empty: every pod concerns it.
  bool ignorable = false;  // Pods are placed without it while it does not answer.
};

// Returns true if the pod concerns the extender: a container requests one of its resources, or has
// a limit of one.
bool IsInterested(const ExtenderConfig& extender, const kube::Pod& pod);

// Returns them in the order in which they are called: as given, those that are ignorable last.
std::vector<ExtenderConfig> InCallOrder(std::vector<ExtenderConfig> extenders);

}  // namespace heat_scheduler
