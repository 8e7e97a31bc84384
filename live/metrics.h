// Every metric of the live scheduler, declared once.
//
// Names, labels and buckets are kube-scheduler's where it has the metric (v1.36, prefix
// "scheduler_"), so that its dashboards and alerts read ours. One thread.
// Source: pkg/scheduler/metrics/metrics.go, component-base metrics of client-go, v1.36.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

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
  Histogram extension_point_duration{
      registry,
      "scheduler_framework_extension_point_duration_seconds",
      "Time that a pod with a node spent in PreBind (its volumes are bound) and in Bind (its "
      "binding is sent and answered), and in Permit if that ended it.",
      {"extension_point", "status", "profile"},
      ExponentialBounds(0.0001, 2, 12)};
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
  Gauge unschedulable_pods{
      registry,
      "scheduler_unschedulable_pods",
      "Pods that a plugin rejected and that wait since; of several plugins each counts the pod.",
      {"plugin", "profile"}};
  Counter queue_incoming_pods{registry,
                              "scheduler_queue_incoming_pods_total",
                              "Pods that came into a queue, by what brought them there.",
                              {"queue", "event"}};
  Counter pod_scheduled_after_flush{
      registry,
      "scheduler_pod_scheduled_after_flush_total",
      "Pods that were scheduled after they had been tried again only because five minutes had "
      "passed.",
      {}};
  Histogram event_handling_duration{registry,
                                    "scheduler_event_handling_duration_seconds",
                                    "Time of taking in one change of the cluster.",
                                    {"event"},
                                    ExponentialBounds(0.0001, 2, 12)};
  Counter async_api_call_execution{
      registry,
      "scheduler_async_api_call_execution_total",
      "Bindings and patches of pod status sent, which no decision waits for, by result: success, "
      "error.",
      {"call_type", "result"}};
  Histogram async_api_call_execution_duration{registry,
                                              "scheduler_async_api_call_execution_duration_seconds",
                                              "Time from sending one of them to its answer.",
                                              {"call_type", "result"},
                                              ExponentialBounds(0.001, 2, 15)};
  Gauge pending_async_api_calls{registry,
                                "scheduler_pending_async_api_calls",
                                "Those that wait or are under way.",
                                {"call_type"}};

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
                    "Evictions by outcome: evicted, gone, failed.",
                    {"outcome"}};
  Counter volume_writes{registry,
                        "heat_scheduler_volume_writes_total",
                        "Pods whose claims' volumes were to be written: written, failed.",
                        {"outcome"}};
  Counter volume_stage_errors{registry,
                              "scheduler_volume_scheduling_stage_error_total",
                              "Pods that gave up while their claims were being bound.",
                              {"operation"}};
  Counter preemption_attempts{
      registry,
      "scheduler_preemption_attempts_total",
      "Pods that fitted nowhere, and for which pods that could leave were looked for.",
      {}};
  Counter bind_outcomes_unknown{
      registry,
      "heat_scheduler_bind_outcomes_unknown_total",
      "Bindings whose reply was lost, so that the pod had to be looked up.",
      {}};
  Counter extender_calls{registry,
                         "heat_scheduler_extender_calls_total",
                         "Calls of extenders by verb and result: success, error, or left_alone "
                         "while it does not answer.",
                         {"extender", "verb", "result"}};
  Histogram extender_call_duration{registry,
                                   "heat_scheduler_extender_call_duration_seconds",
                                   "Time from calling an extender to its answer.",
                                   {"extender", "verb"},
                                   ExponentialBounds(0.001, 2, 15)};
  Counter extender_requests{registry,
                            "heat_scheduler_extender_requests_total",
                            "Requests of kube-schedulers that were answered as their extender, by "
                            "verb, profile and status code.",
                            {"verb", "profile", "code"}};
  Histogram extender_request_duration{registry,
                                      "heat_scheduler_extender_request_duration_seconds",
                                      "Time from the turn of such a request to its answer.",
                                      {"verb"},
                                      ExponentialBounds(0.0001, 2, 15)};
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
  Counter config_reloads{registry,
                         "heat_scheduler_config_reloads_total",
                         "Configurations that had changed by result: success, or error for those "
                         "that cannot be used.",
                         {"result"}};
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

  Counter rest_client_request_retries{
      registry,
      "rest_client_request_retries_total",
      "Requests that are sent again, by the status code that led to it, method and host.",
      {"code", "verb", "host"}};
  Histogram rest_client_request_size{registry,
                                     "rest_client_request_size_bytes",
                                     "Size of the bodies of requests.",
                                     {"verb", "host"},
                                     kSizeBounds};
  Histogram rest_client_response_size{registry,
                                      "rest_client_response_size_bytes",
                                      "Size of the bodies of answers, watches excluded.",
                                      {"verb", "host"},
                                      kSizeBounds};
  Gauge workqueue_depth{registry,
                        "workqueue_depth",
                        "Writes that wait or are under way: bindings, evictions, pod_status, "
                        "events.",
                        {"name"}};

  Gauge node_temperature{registry,
                         "heat_scheduler_node_temperature_celsius",
                         "Temperature that a node's annotation says; absent if it is missing, "
                         "malformed or stale.",
                         {"node"}};
  Gauge certificate_expiration{registry,
                               "heat_scheduler_certificate_expiration_timestamp_seconds",
                               "Time at which a certificate ends, since 1970: serving, or client, "
                               "of the requests to the API "
                               "server.",
                               {"certificate"}};

  Gauge build_info{registry,
                   "heat_scheduler_build_info",
                   "Always 1; the labels say what was built.",
                   {"version", "compiler"}};

  // Figures that are looked up when somebody asks: each is called before the text is made. By the
  // name of their owner, who takes its own away when it goes.
  std::map<std::string, std::function<void()>> refresh;

  // Returns all of it as text, with the process's own figures (process_*) read now.
  std::string Text();

 private:
  static const std::vector<double> kSizeBounds;
};

}  // namespace heat_scheduler
