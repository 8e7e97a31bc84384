package suite

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	. "heat-scheduler/tests/e2e/suite/harness"
)

// A full cluster makes room for a more important pod: one less important one leaves, and no more than that.
func TestPreemption(t *testing.T) {
	OnBoth(t, Options{}, func(t *testing.T, c *Cluster) {
		c.CreateNodes(Node("node1", "4", "20"), Node("node2", "4", "30"))
		c.Apply(`{"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "important"}, "value": 1000}`)
		c.StartScheduler()
		c.CreatePods(Numbered(4, "low", func(name string) *corev1.Pod { return Pod(name, "2") })...)
		c.ExpectAllBound(4, time.Minute)

		important := Pod("important", "2")
		important.Spec.PriorityClassName = "important"
		c.CreatePods(important)
		Eventually(t, time.Minute, "the important pod has a node", func() bool { return c.History.NodeOf("important") != "" })
		if left := c.History.Bound(); left != 4 {
			t.Errorf("%d pods are bound instead of 4", left)
		}
		Eventually(t, time.Minute, "an event says why a pod had to go", func() bool {
			return strings.Contains(c.Kubectl("get", "events"), "Preempted")
		})
		c.Check()
	})
}
