// Package suite is heat-scheduler as its users run it: real processes, real Kubernetes, stock kubectl.
package suite

import (
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	. "heat-scheduler/tests/e2e/suite/harness"
)

func TestMain(m *testing.M) { os.Exit(m.Run()) }

// The training's four nodes, before they have temperatures: a kubelet that keeps 400m of four cores.
func trainingNodes(c *Cluster) {
	for _, name := range []string{"node1", "node2", "node3", "node4"} {
		c.CreateNodes(Node(name, "3600m", ""))
	}
	for node, celsius := range map[string]string{"node1": "40", "node2": "30", "node3": "35", "node4": "20"} {
		c.Kubectl("annotate", "nodes", node, "nerdalize/temp="+celsius)
	}
}

// podpi is examples/podpi.yaml under another name.
func podpi(t *testing.T, name string) string {
	return strings.Replace(ReadFile(t, "examples/podpi.yaml"), "podpi-1", name, 1)
}

// The training's exercise: pods go to the coolest node, and elsewhere once the temperatures have changed.
func TestTraining(t *testing.T) {
	OnBoth(t, Options{}, func(t *testing.T, c *Cluster) {
		trainingNodes(c)
		s := c.StartScheduler()

		c.KubectlInput(podpi(t, "podpi9"), "create", "-f", "-")
		c.History.ExpectNode("podpi9", "node4")

		c.Kubectl("annotate", "--overwrite", "nodes", "node2", "nerdalize/temp=10")
		c.KubectlInput(podpi(t, "podpi10"), "create", "-f", "-")
		c.History.ExpectNode("podpi10", "node2")

		// The coolest node takes three of them, not four: 3600m of four cores are for pods.
		for _, name := range []string{"podpi11", "podpi12"} {
			c.Apply(podpi(t, name))
			c.History.ExpectNode(name, "node2")
		}
		c.Apply(podpi(t, "podpi13"))
		c.History.ExpectNode("podpi13", "node4")

		if log := s.Log(); !strings.Contains(log, `"Decided" pod="default/podpi10" node="node2"`) {
			t.Errorf("the log does not say why podpi10 went where it did:\n%s", log)
		}
		Eventually(t, time.Minute, "all pods run", func() bool {
			return len(c.History.Pods(func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodRunning })) == 5
		})
		if wide := c.Kubectl("get", "pods", "-o", "wide"); !strings.Contains(wide, "Running") || !strings.Contains(wide, "node4") {
			t.Errorf("kubectl get pods says:\n%s", wide)
		}
		c.Check()
	})
}
