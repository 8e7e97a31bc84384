package harness

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Scheduler is a heat-scheduler.
type Scheduler struct {
	*Process
	t    testing.TB
	port int
}

var toSchedulers = &http.Client{
	Timeout:   10 * time.Second,
	Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}, // It makes its own certificate.
}

// StartScheduler starts a heat-scheduler beside the cluster that needs no lease, with extra flags behind the suite's own, and waits until
// it is ready.
func (c *Cluster) StartScheduler(flags ...string) *Scheduler {
	c.t.Helper()
	s := c.LaunchScheduler("heat-scheduler", c.SchedulerKubeconfig, flags...)
	s.WaitReady()
	return s
}

// openPaths is the flag that says which paths need no role.
const openPaths = "--authorization-always-allow-paths"

// extenderListen is the flag that says where kube-schedulers may ask; by default a port that not every test can have.
const extenderListen = "--extender-listen"

// LaunchScheduler starts the same under a name of its own, with any kubeconfig, and does not wait. Its metrics are open, whatever the API
// server is doing, unless the flags say what is.
func (c *Cluster) LaunchScheduler(name, kubeconfig string, flags ...string) *Scheduler {
	c.t.Helper()
	port := FreePort(c.t)
	own := []string{"--kubeconfig", kubeconfig, "--secure-port", fmt.Sprint(port), "--bind-address=127.0.0.1", "--leader-elect=false"}
	has := func(name string) bool {
		return slices.ContainsFunc(flags, func(flag string) bool { return strings.HasPrefix(flag, name) })
	}
	if !has(openPaths) {
		own = append(own, openPaths+"=/healthz,/livez,/readyz,/metrics")
	}
	if !has(extenderListen) {
		own = append(own, extenderListen+"=off")
	}
	process := StartProcess(c.t, c.Dir, name, HeatBinary("heat-scheduler"), append(own, flags...)...)
	return &Scheduler{Process: process, t: c.t, port: port}
}

// Ask returns the status with which a path of the secure port is answered, and the body. An empty token sends none.
func (s *Scheduler) Ask(path, token string) (int, string) {
	s.t.Helper()
	request, err := http.NewRequest(http.MethodGet, loopbackURL("https", s.port)+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := toSchedulers.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// URL returns the address of the secure port.
func (s *Scheduler) URL() string { return loopbackURL("https", s.port) }

// WaitReady waits until /readyz says ok.
func (s *Scheduler) WaitReady() {
	s.t.Helper()
	Eventually(s.t, time.Minute, s.Name+" is ready", func() bool {
		if !s.Running() {
			s.t.Fatalf("%s ended", s.Name)
		}
		response, err := toSchedulers.Get(loopbackURL("https", s.port) + "/readyz")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

// Metric returns the sum of the samples of a metric whose labels include that text, such as `type="nodes"`.
func (s *Scheduler) Metric(name, labels string) float64 {
	s.t.Helper()
	_, body := s.Ask("/metrics", "")
	sum := 0.0
	lines := bufio.NewScanner(strings.NewReader(body))
	for lines.Scan() {
		sample, value, _ := strings.Cut(lines.Text(), " ")
		if metric, itsLabels, _ := strings.Cut(sample, "{"); metric == name && strings.Contains(itsLabels, labels) {
			number, err := strconv.ParseFloat(value, 64)
			if err != nil {
				s.t.Fatal(err)
			}
			sum += number
		}
	}
	return sum
}
