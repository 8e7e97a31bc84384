package suite

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "heat-scheduler/tests/e2e/suite/harness"
)

// loadNodes returns nodes with room for 11,000 pods of a load.
func loadNodes() []*corev1.Node {
	number := 0
	return Numbered(100, "node", func(name string) *corev1.Node {
		number++
		return Node(name, "8", fmt.Sprint(20+number%60))
	})
}

func somePods(n int) []*corev1.Pod {
	return Numbered(n, "load", func(name string) *corev1.Pod { return Pod(name, "50m") })
}

// expectSettled waits until all pods of a load are bound, and judges the run.
func expectSettled(c *Cluster, s *Scheduler, pods int) {
	c.ExpectAllBound(pods, 2*time.Minute)
	c.ExpectCounted(s)
	c.Check()
}

func TestAPIServerStopsUnderLoad(t *testing.T) {
	c := NewCluster(t, Options{NoKubelets: true})
	c.CreateNodes(loadNodes()...)
	s := c.StartScheduler()
	load := c.StartLoad()
	for range 3 {
		before := c.History.Bound()
		Eventually(t, time.Minute, "pods are bound", func() bool { return c.History.Bound() >= before+100 })
		c.Plane.APIServer.Kill()
		c.Plane.StartAPIServer()
	}
	pods := load.Stop()
	s.WaitReady()
	expectSettled(c, s, pods)
}

// A scheduler that was paused finds that what its watches were at is no longer remembered: 410, and it lists again.
func TestPausedWhileTheHistoryGoes(t *testing.T) {
	c := NewCluster(t, Options{NoKubelets: true})
	c.CreateNodes(loadNodes()...)
	s := c.StartScheduler()
	c.CreatePods(somePods(50)...)
	c.ExpectAllBound(50, time.Minute)

	s.Signal(syscall.SIGSTOP)
	now := int64(0)
	for i := range 20 {
		err := c.Client.CoreV1().Pods("default").Delete(c.Ctx(), fmt.Sprintf("load-%05d", i), metav1.DeleteOptions{GracePeriodSeconds: &now})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Client.CoreV1().Nodes().Delete(c.Ctx(), "node-00000", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	c.CreatePods(Pod("new", "100m"))
	c.Plane.APIServer.Kill()
	c.Plane.Compact()
	c.Plane.StartAPIServer()
	s.Signal(syscall.SIGCONT)

	Eventually(t, time.Minute, "new has a node", func() bool { return c.History.NodeOf("new") != "" })
	s.WaitReady()
	c.ExpectCounted(s)
	if s.Metric("rest_client_requests_total", `code="410"`) == 0 && !strings.Contains(s.Log(), "410") {
		t.Errorf("no watch of the scheduler was answered with 410; its log:\n%s", s.Log())
	}
	if got := c.History.NodeOf("new"); got == "node-00000" {
		t.Errorf("new was bound to a node that had been deleted")
	}
	c.Check()
}

// The pages of a list are of one revision; here it is forgotten after the first page.
func TestCompactionBetweenPages(t *testing.T) {
	// Pages of a revision that the watch cache remembers would not expire.
	c := NewCluster(t, Options{NoKubelets: true, ExtraAPIServerFlags: []string{"--feature-gates=ListFromCacheSnapshot=false"}})
	c.CreateNodes(Numbered(1100, "node", func(name string) *corev1.Node { return Node(name, "1", "40") })...)
	var compacted, expired atomic.Int32
	kubeconfig := c.ProxiedKubeconfig("proxy", func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		if r.URL.Path != "/api/v1/nodes" || !r.URL.Query().Has("continue") {
			server.ServeHTTP(w, r)
			return
		}
		if compacted.Add(1) == 1 {
			c.CreateNodes(Node("late", "1", "40")) // So that there is a newer revision than that of the pages.
			c.Plane.Compact()
		}
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, r)
		if answer.Code == http.StatusGone {
			expired.Add(1)
		}
		for key, values := range answer.Header() {
			w.Header()[key] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
	s := c.LaunchScheduler("heat-scheduler", kubeconfig)
	s.WaitReady()
	if expired.Load() == 0 {
		t.Error("no continue token expired")
	}
	c.ExpectCounted(s)
	c.CreatePods(Pod("pod", "1"))
	c.ExpectAllBound(1, time.Minute)
	c.Check()
}

// The connection breaks between a binding and its answer: the pod is looked up, and bound once.
func TestLostAnswers(t *testing.T) {
	c := NewCluster(t, Options{NoKubelets: true})
	c.CreateNodes(loadNodes()...)
	var bindings atomic.Int32
	kubeconfig := c.ProxiedKubeconfig("proxy", func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/binding") && bindings.Add(1)%10 == 1 {
			server.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler) // Cuts the connection.
		}
		server.ServeHTTP(w, r)
	})
	s := c.LaunchScheduler("heat-scheduler", kubeconfig)
	s.WaitReady()
	c.CreatePods(somePods(100)...)
	expectSettled(c, s, 100)
	if unknown := s.Metric("heat_scheduler_bind_outcomes_unknown_total", ""); unknown < 10 {
		t.Errorf("%v answers were lost instead of 10 or more", unknown)
	}
}

func TestKilledTwentyTimes(t *testing.T) {
	OnBoth(t, Options{NoKubelets: true}, func(t *testing.T, c *Cluster) {
		c.CreateNodes(loadNodes()...)
		// So many wait that each start is killed amid a burst of bindings.
		const waiting = 2000
		c.CreatePods(Numbered(waiting, "waiting", func(name string) *corev1.Pod { return Pod(name, "50m") })...)
		load := c.StartLoad()
		s := c.StartScheduler()
		for range 20 {
			before := c.History.Bound()
			Eventually(t, time.Minute, "a pod is bound after the start", func() bool { return c.History.Bound() > before })
			s.Kill()
			s = c.LaunchScheduler("heat-scheduler", c.SchedulerKubeconfig)
		}
		pods := waiting + load.Stop()
		s.WaitReady()
		expectSettled(c, s, pods)
	})
}

func TestTerminatedUnderLoad(t *testing.T) {
	OnBoth(t, Options{NoKubelets: true}, func(t *testing.T, c *Cluster) {
		c.CreateNodes(loadNodes()...)
		load := c.StartLoad()
		s := c.StartScheduler()
		Eventually(t, time.Minute, "some pods are bound", func() bool { return c.History.Bound() >= 50 })
		code, took := s.Terminate(10 * time.Second)
		if code != 0 || took > 5*time.Second {
			t.Errorf("it ended with status %d after %v, instead of 0 within 5 s", code, took)
		}
		if log := s.Log(); !strings.Contains(log, `"Stopped"`) {
			t.Errorf("the log does not end with Stopped:\n%s", log)
		}
		pods := load.Stop()
		expectSettled(c, c.StartScheduler(), pods)
	})
}

func TestNodesRecreatedDuringBinds(t *testing.T) {
	OnBoth(t, Options{NoKubelets: true}, func(t *testing.T, c *Cluster) {
		nodes := loadNodes()
		c.CreateNodes(nodes...)
		s := c.StartScheduler()
		load := c.StartLoad()
		for _, node := range nodes[:40] {
			before := c.History.Bound()
			if err := c.Client.CoreV1().Nodes().Delete(c.Ctx(), node.Name, metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
			if before%2 == 0 { // Else it comes back at once.
				Eventually(t, time.Minute, "pods are bound meanwhile", func() bool { return c.History.Bound() > before })
			}
			c.CreateNodes(node)
		}
		pods := load.Stop()
		expectSettled(c, s, pods)
	})
}
