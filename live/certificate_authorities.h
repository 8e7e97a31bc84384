// By which authorities the client certificates of the secure port count: a file, or what the
// cluster's ConfigMap kube-system/extension-apiserver-authentication says. Both are read again each
// minute, so that a rotated authority needs no restart; what could be read last holds. A cluster
// without the ConfigMap has no client certificates. One thread: the loop's.
// Source: k8s.io/apiserver pkg/server/options/authentication.go (DelegatingAuthenticationOptions),
// v0.36.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "kube/client/requester.h"
#include "live/access_reviews.h"
#include "live/log.h"
#include "net/event_loop.h"

namespace heat_scheduler {

class CertificateAuthorities {
 public:
  struct Options {
    std::string client_ca_file = {};  // In place of the ConfigMap's; empty: none.
    bool look_up = true;              // Read the ConfigMap.
    // The first look-up failed; empty: that is tolerated, and it is tried again.
    std::function<void(const absl::Status& why)> on_failed_lookup = {};
  };

  // Borrows both.
  CertificateAuthorities(net::EventLoop& loop, kube::Requester& requester, Options options);
  ~CertificateAuthorities() { loop_.Cancel(timer_); }
  CertificateAuthorities(const CertificateAuthorities&) = delete;
  CertificateAuthorities& operator=(const CertificateAuthorities&) = delete;

  // Reads the file and asks for the ConfigMap, now and then each minute. Once.
  void Start();

  const CertificateAuthentication& current() const { return current_; }

 private:
  void Read();
  void ReadClientCaFile();
  void OnRead(const absl::StatusOr<CertificateAuthentication>& found);

  net::EventLoop& loop_;
  kube::Requester& requester_;
  Options options_;  // Less on_failed_lookup once it has been called.
  CertificateAuthentication current_;
  bool looked_up_ = false;  // Once, with success.
  net::TimerId timer_ = 0;
  LogThrottle throttle_;
};

}  // namespace heat_scheduler
