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

// Of three full nodes the one is left whose pod is less important and protected by no budget; the API shows each step.
func TestPreemptionTakesTheRightVictim(t *testing.T) {
	OnBoth(t, Options{}, func(t *testing.T, c *Cluster) {
		c.CreateNodes(Node("node1", "2", "20"), Node("node2", "2", "30"), Node("node3", "2", "40"))
		c.Apply(`{"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "important"}, "value": 1000}`)
		// No controller writes its status here: it allows no disruption.
		c.Apply(`{"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web", "namespace": "default"},
			"spec": {"minAvailable": 1, "selector": {"matchLabels": {"tier": "web"}}}}`)
		scheduler := c.StartScheduler()
		guarded, peer, bare := Pod("guarded", "2"), Pod("peer", "2"), Pod("bare", "2")
		guarded.Labels = map[string]string{"tier": "web"}
		peer.Spec.PriorityClassName = "important"
		c.CreatePods(guarded, peer, bare)
		c.ExpectAllBound(3, time.Minute)
		node := c.History.NodeOf("bare")

		important := Pod("important", "2")
		important.Spec.PriorityClassName = "important"
		c.CreatePods(important)
		Eventually(t, time.Minute, "the important pod has a node", func() bool { return c.History.NodeOf("important") != "" })
		c.History.ExpectNode("important", node)
		for _, name := range []string{"guarded", "peer"} {
			if pod := c.History.Pod(name); pod == nil || pod.DeletionTimestamp != nil {
				t.Errorf("%s had to leave", name)
			}
		}
		marked := c.History.Written(func(pod *corev1.Pod) bool {
			return pod.Name == "bare" && pod.DeletionTimestamp == nil && isMarked(pod)
		})
		if len(marked) == 0 {
			t.Error("bare was not marked before it was deleted")
		}
		nominated := c.History.Written(func(pod *corev1.Pod) bool {
			return pod.Name == "important" && pod.Spec.NodeName == "" && pod.Status.NominatedNodeName == node
		})
		if len(nominated) == 0 {
			t.Errorf("important was not nominated to %s", node)
		}
		if left := c.History.Pod("important").Status.NominatedNodeName; left != "" {
			t.Errorf("important is bound and still nominated to %s", left)
		}
		Eventually(t, time.Minute, "an event says for whom bare had to go", func() bool {
			said := c.Kubectl("get", "events.events.k8s.io", "-o", "jsonpath={range .items[*]}{.reason} {.regarding.name} for {.related.name}{\"\\n\"}{end}")
			return strings.Contains(said, "Preempted bare for important\n")
		})
		if victims := scheduler.Metric("scheduler_preemption_victims_count", ""); victims != 1 {
			t.Errorf("%v preemptions were counted instead of 1", victims)
		}
		if attempts := scheduler.Metric("scheduler_preemption_attempts_total", ""); attempts < 1 {
			t.Error("no attempt at a preemption was counted")
		}
		c.Check()
	})
}

func isMarked(pod *corev1.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.DisruptionTarget {
			return condition.Status == corev1.ConditionTrue && condition.Reason == corev1.PodReasonPreemptionByScheduler
		}
	}
	return false
}
