package suite

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	. "heat-scheduler/tests/e2e/suite/harness"
)

// A kube-scheduler that asks us; its arguments are its kubeconfig, how to reach us, whether we know the nodes by name, and whether it can
// do without us.
const extendedConfig = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
clientConnection: {kubeconfig: %s}
leaderElection: {leaderElect: false}
podInitialBackoffSeconds: 1
podMaxBackoffSeconds: 1
extenders:
- %s
  filterVerb: filter
  prioritizeVerb: prioritize
  weight: 100
  nodeCacheCapable: %t
  httpTimeout: 5s
  ignorable: %t
`

// A real kube-scheduler, which sends nodes in full (over TLS, both sides with certificates) or by name, places its own pods by temperature;
// without us it goes on or waits, as it is told.
func TestExtender(t *testing.T) {
	for _, form := range []struct {
		name      string
		names     bool
		ignorable bool
	}{{"nodes", false, true}, {"names", true, false}} {
		t.Run(form.name, func(t *testing.T) {
			c := NewCluster(t, Options{NoKubelets: true})
			c.CreateNodes(Node("node1", "4", "40"), Node("node2", "4", "20"), Node("node3", "4", "60"))
			port := FreePort(t)
			reach := fmt.Sprintf("urlPrefix: http://127.0.0.1:%d/heat", port)
			flags := []string{}
			if !form.names {
				server, serverKey := c.Certificate("extender")
				client, clientKey := c.Certificate("client")
				flags = []string{"--tls-cert-file", server, "--tls-private-key-file", serverKey, "--client-ca-file", client}
				reach = fmt.Sprintf("urlPrefix: https://127.0.0.1:%d/heat\n  enableHTTPS: true\n"+
					"  tlsConfig: {caFile: %s, certFile: %s, keyFile: %s}", port, server, client, clientKey)
			}
			extender := startExtender(c, t, port, form.names, flags)
			config := filepath.Join(c.Dir, "extended.yaml")
			kubeconfig := filepath.Join(c.Dir, "kube-scheduler.kubeconfig")
			if err := os.WriteFile(config, fmt.Appendf(nil, extendedConfig, kubeconfig, reach, form.names, form.ignorable), 0o600); err != nil {
				t.Fatal(err)
			}
			c.Plane.StartKubeScheduler("--config", config)

			expectNext(c, t, "first", "node2")
			c.Kubectl("annotate", "--overwrite", "nodes", "node3", "nerdalize/temp=5")
			expectNext(c, t, "second", "node3")

			extender.Kill()
			c.CreatePods(theirPod("third"))
			Eventually(t, time.Minute, "kube-scheduler decides without us", func() bool {
				pod := c.History.Pod("third")
				if form.ignorable {
					return pod != nil && pod.Spec.NodeName != ""
				}
				return pod != nil && slices.ContainsFunc(pod.Status.Conditions, func(condition corev1.PodCondition) bool {
					return condition.Type == corev1.PodScheduled && condition.Reason == corev1.PodReasonSchedulerError
				})
			})
			startExtender(c, t, port, form.names, flags)
			Eventually(t, time.Minute, "the pod that waited has a node", func() bool { return c.History.NodeOf("third") != "" })
			c.Kubectl("annotate", "--overwrite", "nodes", "node1", "nerdalize/temp=1")
			expectNext(c, t, "fourth", "node1")
		})
	}
}

// startExtender starts one that is asked at that port, and waits until it can be.
func startExtender(c *Cluster, t *testing.T, port int, names bool, flags []string) *Process {
	listen := fmt.Sprintf("127.0.0.1:%d", port)
	if names {
		return c.StartScheduler("--extender-listen=" + listen).Process
	}
	extender := StartProcess(t, c.Dir, "extender", HeatBinary("heat-scheduler"), append([]string{"extender", "--listen", listen}, flags...)...)
	Eventually(t, time.Minute, "the extender listens", func() bool {
		connection, err := net.Dial("tcp", listen)
		if err != nil {
			return false
		}
		connection.Close()
		return true
	})
	return extender
}

func theirPod(name string) *corev1.Pod {
	pod := Pod(name, "100m")
	pod.Spec.SchedulerName = corev1.DefaultSchedulerName
	return pod
}

// expectNext waits until pods of kube-scheduler go to the node: it, or we, may still have to hear of the last temperature.
func expectNext(c *Cluster, t *testing.T, name, node string) {
	t.Helper()
	count := 0
	Eventually(t, time.Minute, "pods go to "+node, func() bool {
		count++
		pod := fmt.Sprintf("%s-%d", name, count)
		c.CreatePods(theirPod(pod))
		Eventually(t, time.Minute, pod+" has a node", func() bool { return c.History.NodeOf(pod) != "" })
		return c.History.NodeOf(pod) == node
	})
}
