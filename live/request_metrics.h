// Counts the requests of the API client as client-go does.
// Source: component-base metrics/prometheus/restclient, v0.36.
#pragma once

#include <functional>
#include <string>

#include "kube/client/requester.h"
#include "live/metrics.h"

namespace heat_scheduler {

// Returns what RequesterOptions::on_request is to be. Borrows the metrics; `host` is the API
// server's, "10.0.0.1:6443".
std::function<void(const kube::RequestReport&)> CountRequests(Metrics& metrics, std::string host);

// Returns what RequesterOptions::on_retry is to be, likewise.
std::function<void(const kube::RequestReport&)> CountRetries(Metrics& metrics, std::string host);

}  // namespace heat_scheduler
