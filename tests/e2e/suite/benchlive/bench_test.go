// Package benchlive measures how many pods a second come to their nodes on one real kube-apiserver: by bind requests alone, which no
// scheduler can beat, by kube-scheduler, and by heat-scheduler. Run by ./run bench-live.
package benchlive

import (
	"fmt"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "heat-scheduler/tests/e2e/suite/harness"
)

const (
	nodes = 5000
	pods  = 10000
	// Binds under way at a time when they are made without a scheduler.
	rawBinds = 64
)

// Everything at kube-scheduler's defaults, but for the limits of its client.
const kubeSchedulerFlags = "--kube-api-qps=5000 --kube-api-burst=5000"

type figures struct {
	podsPerSecond float64
	etcd, server  time.Duration // CPU.
	scheduler     time.Duration // CPU from the start of the process on.
	resident      int64         // Of the scheduler, in bytes, at the end.
}

func TestBenchLive(t *testing.T) {
	c := NewCluster(t, Options{NoKubelets: true})
	number := 0
	c.CreateNodes(Numbered(nodes, "node", func(name string) *corev1.Node {
		number++
		return Node(name, "8", fmt.Sprint(20+number%60))
	})...)

	raw := measure(c, "raw", func() *Process { return nil }, func(pending []*corev1.Pod) { bindAll(t, c, pending) })
	kube := measure(c, "default-scheduler", func() *Process {
		return c.Plane.StartKubeScheduler("--kube-api-qps=5000", "--kube-api-burst=5000")
	}, nil)
	heat := measure(c, SchedulerName, func() *Process { return c.StartScheduler("--v=0").Process }, nil)

	table := fmt.Sprintf("%d nodes, %d pending pods, kube-scheduler with %s\n\n", nodes, pods, kubeSchedulerFlags) +
		"| | pods/s | CPU s: scheduler | kube-apiserver | etcd | scheduler, resident MiB |\n|---|---:|---:|---:|---:|---:|\n"
	for _, row := range []struct {
		name string
		figures
	}{{"bind requests alone", raw}, {"kube-scheduler", kube}, {"heat-scheduler", heat}} {
		table += fmt.Sprintf("| %s | %.0f | %.1f | %.1f | %.1f | %d |\n", row.name, row.podsPerSecond, row.scheduler.Seconds(),
			row.server.Seconds(), row.etcd.Seconds(), row.resident>>20)
	}
	fmt.Print(table)
}

// measure creates pods of a scheduler, starts it, waits until all are bound, and deletes them. What starts the scheduler returns nil if
// there is none; then `work` binds.
func measure(c *Cluster, scheduler string, start func() *Process, work func([]*corev1.Pod)) figures {
	pending := Numbered(pods, scheduler, func(name string) *corev1.Pod {
		pod := Pod(name, "500m")
		pod.Spec.SchedulerName = scheduler
		return pod
	})
	c.CreatePods(pending...)
	etcd, server := c.Plane.Etcd.CPU(), c.Plane.APIServer.CPU()
	process := start()
	if work != nil {
		work(pending)
	}
	first, last := c.History.ExpectBinds(pods, 10*time.Minute)
	result := figures{
		podsPerSecond: float64(pods-1) / last.Sub(first).Seconds(),
		etcd:          c.Plane.Etcd.CPU() - etcd,
		server:        c.Plane.APIServer.CPU() - server,
	}
	if process != nil {
		result.scheduler, result.resident = process.CPU(), process.ResidentBytes()
		process.Kill()
	}
	c.DeletePods()
	return result
}

// bindAll binds pods to nodes by turns, many at a time.
func bindAll(t *testing.T, c *Cluster, pending []*corev1.Pod) {
	work := make(chan *corev1.Binding)
	var workers sync.WaitGroup
	for range rawBinds {
		workers.Go(func() {
			for binding := range work {
				if err := c.Client.CoreV1().Pods("default").Bind(c.Ctx(), binding, metav1.CreateOptions{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i, pod := range pending {
		work <- &corev1.Binding{
			ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace},
			Target:     corev1.ObjectReference{Kind: "Node", Name: fmt.Sprintf("node-%05d", i%nodes)},
		}
	}
	close(work)
	workers.Wait()
}
