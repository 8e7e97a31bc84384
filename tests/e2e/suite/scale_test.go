package suite

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	. "heat-scheduler/tests/e2e/suite/harness"
)

// 5,000 nodes and 10,000 pods.
func TestScale(t *testing.T) {
	const nodes, pods = 5000, 10000
	OnBoth(t, Options{NoKubelets: true}, func(t *testing.T, c *Cluster) {
		number := 0
		c.CreateNodes(Numbered(nodes, "node", func(name string) *corev1.Node {
			number++
			return Node(name, "8", fmt.Sprint(20+number%60))
		})...)
		s := c.StartScheduler("--v=0")
		begin := time.Now()
		c.CreatePods(Numbered(pods, "pod", func(name string) *corev1.Pod { return Pod(name, "500m") })...)
		created := time.Since(begin)
		c.ExpectAllBound(pods, 3*time.Minute)
		t.Logf("%d pods created in %.1f s, bound after %.1f s; the scheduler used %.1f CPU seconds and holds %d MiB", pods, created.Seconds(),
			time.Since(begin).Seconds(), s.CPU().Seconds(), s.ResidentBytes()>>20)
		c.ExpectCounted(s)
		c.Check()
	})
}
