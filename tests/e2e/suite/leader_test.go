package suite

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	. "heat-scheduler/tests/e2e/suite/harness"
)

const leaseDuration = 4 * time.Second

// replica is a heat-scheduler whose requests for bindings are counted on their way.
type replica struct {
	*Scheduler
	binds *atomic.Int32
}

func startReplica(c *Cluster, name string) replica {
	binds := new(atomic.Int32)
	kubeconfig := c.ProxiedKubeconfig(name, func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/binding") {
			binds.Add(1)
		}
		server.ServeHTTP(w, r)
	})
	s := c.LaunchScheduler(name, kubeconfig, "--leader-elect=true", fmt.Sprint("--leader-elect-lease-duration=", leaseDuration),
		"--leader-elect-renew-deadline=3s", "--leader-elect-retry-period=500ms")
	s.WaitReady()
	return replica{s, binds}
}

func (r replica) leads() bool { return r.Metric("leader_election_master_status", "") == 1 }

// Of several replicas one works; another goes on when it is stopped, killed or paused, and a leader that was paused sends nothing more.
func TestLeaderElection(t *testing.T) {
	c := NewCluster(t, Options{NoKubelets: true})
	c.CreateNodes(loadNodes()...)
	first := startReplica(c, "first")
	Eventually(t, time.Minute, "the first leads", first.leads)
	second := startReplica(c, "second")
	load := c.StartLoad()
	bindsMore := func(r replica, count int32) {
		t.Helper()
		target := r.binds.Load() + count
		Eventually(t, time.Minute, r.Name+" binds", func() bool { return r.binds.Load() >= target })
	}

	// A clean stop: the lease is released, and the other goes on within two seconds.
	bindsMore(first, 50)
	if n := second.binds.Load(); n != 0 {
		t.Errorf("the second asked for %d bindings while the first led", n)
	}
	if code, _ := first.Terminate(10 * time.Second); code != 0 {
		t.Errorf("the first ended with status %d", code)
	}
	stopped := time.Now()
	Eventually(t, time.Minute, "the second leads", second.leads)
	if took := time.Since(stopped); took > 2*time.Second {
		t.Errorf("the second led %v after the first had stopped, instead of within 2 s", took)
	}

	// A killed leader: its lease has to run out.
	third := startReplica(c, "third")
	bindsMore(second, 50)
	second.Kill()
	bindsMore(third, 50)

	// A paused leader: when it goes on, somebody else leads.
	fourth := startReplica(c, "fourth")
	bindsMore(third, 50)
	third.Signal(syscall.SIGSTOP)
	Eventually(t, time.Minute, "the fourth leads", fourth.leads)
	bindsMore(fourth, 10)
	sent := third.binds.Load() // What it sent before the pause has long been counted.
	third.Signal(syscall.SIGCONT)
	if code := third.WaitEnd(10 * time.Second); code != 1 {
		t.Errorf("the third, which had lost its lead, ended with status %d", code)
	}
	if more := third.binds.Load() - sent; more != 0 {
		t.Errorf("the third asked for %d bindings after its pause", more)
	}

	expectSettled(c, fourth.Scheduler, load.Stop())
}
