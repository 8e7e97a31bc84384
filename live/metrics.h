// Every metric of the live scheduler, declared once.
//
// Names, labels and buckets are kube-scheduler's where it has the metric (v1.36, prefix
// "scheduler_"), so that its dashboards and alerts read ours. One thread.
// Source: pkg/scheduler/metrics/metrics.go, component-base metrics of client-go, v1.36.
#pragma once

#include <string>

#include "live/metrics_registry.h"

namespace heat_scheduler {

struct Metrics {
  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  MetricsRegistry registry;

  Counter schedule_attempts{
      registry,
      "scheduler_schedule_attempts_total",
      "Attempts to schedule pods, by result: scheduled, unschedulable or error.",
      {"result", "profile"}};
  Histogram scheduling_attempt_duration{
      registry,
      "scheduler_scheduling_attempt_duration_seconds",
      "Time of one attempt, from taking the pod to sending its binding or giving up.",
      {"result", "profile"},
      ExponentialBounds(0.001, 2, 15)};
  Histogram scheduling_algorithm_duration{registry,
                                          "scheduler_scheduling_algorithm_duration_seconds",
                                          "Time of choosing a node for one pod.",
                                          {},
                                          ExponentialBounds(0.001, 2, 15)};
  Histogram pod_scheduling_sli_duration{
      registry,
      "scheduler_pod_scheduling_sli_duration_seconds",
      "Time from a pod's first arrival to its accepted binding, by attempts it took.",
      {"attempts"},
      ExponentialBounds(0.01, 2, 20)};
  Histogram pod_scheduling_attempts{registry,
                                    "scheduler_pod_scheduling_attempts",
                                    "Attempts that a pod took to be scheduled.",
                                    {},
                                    ExponentialBounds(1, 2, 5)};
  Gauge pending_pods{registry,
                     "scheduler_pending_pods",
                     "Pods waiting: active, in back-off, unschedulable, or gated.",
                     {"queue"}};
  Gauge cache_size{
      registry, "scheduler_cache_size", "Nodes and pods that the scheduler knows.", {"type"}};

  Counter bindings{registry,
                   "heat_scheduler_bindings_total",
                   "Bindings by outcome: bound, bound_elsewhere, pod_gone, failed.",
                   {"outcome"}};
  Gauge bindings_pending{
      registry, "heat_scheduler_bindings_pending", "Bindings whose outcome is not known yet.", {}};
  Histogram preemption_victims{registry,
                               "scheduler_preemption_victims",
                               "Pods that have to leave for one pod.",
                               {},
                               ExponentialBounds(1, 2, 7)};
  Counter evictions{registry,
                    "heat_scheduler_evictions_total",
                    "Evictions by outcome: evicted, failed.",
                    {"outcome"}};
  Counter volume_writes{registry,
                        "heat_scheduler_volume_writes_total",
                        "Pods whose claims' volumes were to be written: written, failed.",
                        {"outcome"}};
  Counter volume_stage_errors{registry,
                              "scheduler_volume_scheduling_stage_error_total",
                              "Pods that gave up while their claims were being bound.",
                              {"operation"}};
  Counter bind_outcomes_unknown{
      registry,
      "heat_scheduler_bind_outcomes_unknown_total",
      "Bindings whose reply was lost, so that the pod had to be looked up.",
      {}};
  Counter events{registry,
                 "heat_scheduler_events_total",
                 "Events by fate: written, aggregated into a series, dropped, refused.",
                 {"fate"}};
  Counter status_patches{registry,
                         "heat_scheduler_pod_status_patches_total",
                         "Patches of pod status by fate: written, replaced by a later one, "
                         "dropped, refused.",
                         {"fate"}};
  Counter watch_failures{registry,
                         "heat_scheduler_watch_failures_total",
                         "Lists and watches that ended with an error, by resource.",
                         {"resource"}};
  Counter undecodable_objects{registry,
                              "heat_scheduler_undecodable_objects_total",
                              "Objects of the API that could not be read, by resource.",
                              {"resource"}};
  Counter log_lines_dropped{registry,
                            "heat_scheduler_log_lines_dropped_total",
                            "Log lines dropped because standard error was too slow.",
                            {}};

  Gauge leader_status{registry,
                      "leader_election_master_status",
                      "1 while this process leads by the lease of that name, 0 while it stands by.",
                      {"name"}};
  Counter leader_slowpath{registry,
                          "leader_election_slowpath_total",
                          "Renewals for which the lease had to be read first.",
                          {"name"}};

  Counter rest_client_requests{registry,
                               "rest_client_requests_total",
                               "Requests to the API server, by status code, method and host.",
                               {"code", "method", "host"}};
  Histogram rest_client_request_duration{
      registry,
      "rest_client_request_duration_seconds",
      "Time from sending a request to its complete answer, watches excluded.",
      {"verb", "host"},
      {0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60}};

  Gauge build_info{registry,
                   "heat_scheduler_build_info",
                   "Always 1; the labels say what was built.",
                   {"version", "compiler"}};

  // Returns all of it as text, with the process's own figures (process_*) read now.
  std::string Text() const;
};

}  // namespace heat_scheduler
