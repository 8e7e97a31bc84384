package suite

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	. "heat-scheduler/tests/e2e/suite/harness"
)

// The workshop's cluster: arm and arm64 nodes carry a taint of their architecture, so that only pods that say so come to them.
func TestArchitectures(t *testing.T) {
	OnBoth(t, Options{}, func(t *testing.T, c *Cluster) {
		for name, arch := range map[string]string{"amd64-1": "amd64", "arm64-1": "arm64", "arm-1": "arm"} {
			// The coolest are those that most pods may not use.
			celsius := map[string]string{"amd64": "50", "arm64": "30", "arm": "20"}[arch]
			node := Node(name, "4", celsius)
			SetArch(node, arch)
			c.CreateNodes(node)
		}
		c.Kubectl("taint", "node", "arm-1", "beta.kubernetes.io/arch=arm:NoSchedule")
		c.Kubectl("taint", "node", "arm64-1", "beta.kubernetes.io/arch=arm64:NoSchedule")
		c.StartScheduler()

		const key = "beta.kubernetes.io/arch"
		tolerates := func(tolerations ...corev1.Toleration) func(*corev1.Pod) {
			return func(pod *corev1.Pod) { pod.Spec.Tolerations = tolerations }
		}
		rows := []struct {
			name   string
			change func(*corev1.Pod)
			node   string
		}{
			{"says-nothing", func(*corev1.Pod) {}, "amd64-1"},
			{"any-arch", tolerates(corev1.Toleration{Key: key, Operator: corev1.TolerationOpExists}), "arm-1"},
			{"arm64-too", tolerates(corev1.Toleration{Key: key, Value: "arm64", Effect: corev1.TaintEffectNoSchedule}), "arm64-1"},
			{"all-three-by-value", tolerates(
				corev1.Toleration{Key: key, Value: "arm64", Effect: corev1.TaintEffectNoSchedule},
				corev1.Toleration{Key: key, Value: "arm", Effect: corev1.TaintEffectNoSchedule}), "arm-1"},
			{"multi-arch-image-on-arm64", func(pod *corev1.Pod) {
				tolerates(corev1.Toleration{Operator: corev1.TolerationOpExists})(pod)
				pod.Spec.NodeSelector = map[string]string{key: "arm64"}
			}, "arm64-1"},
			{"amd64-image", func(pod *corev1.Pod) {
				tolerates(corev1.Toleration{Operator: corev1.TolerationOpExists})(pod)
				pod.Spec.NodeSelector = map[string]string{"kubernetes.io/arch": "amd64"}
			}, "amd64-1"},
		}
		for _, row := range rows {
			pod := Pod(row.name, "100m")
			row.change(pod)
			c.CreatePods(pod)
			c.History.ExpectNode(row.name, row.node)
		}
		c.Check()
	})
}
