package suite

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	. "heat-scheduler/tests/e2e/suite/harness"
)

// Kinds that make pods; %s is the scheduler's name.
const workloads = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: each-minute}
spec:
  schedule: "* * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          schedulerName: %[1]s
          restartPolicy: Never
          containers: [{name: main, image: "busybox:1", resources: {requests: {cpu: 100m}}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: podpi}
spec:
  replicas: 5
  selector: {matchLabels: {app: podpi}}
  template:
    metadata: {labels: {app: podpi}}
    spec:
      schedulerName: %[1]s
      containers: [{name: podpi, image: "perl:5", resources: {requests: {cpu: 500m}}}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: pi}
spec:
  completions: 4
  parallelism: 2
  template:
    spec:
      schedulerName: %[1]s
      restartPolicy: Never
      containers: [{name: pi, image: "perl:5", resources: {requests: {cpu: 250m}}}]
`

const daemonSet = `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      tolerations: [{operator: Exists}]
      containers: [{name: agent, image: "busybox:1", resources: {requests: {cpu: "1"}}}]
`

func ofApp(app string) func(*corev1.Pod) bool {
	return func(pod *corev1.Pod) bool { return pod.Labels["app"] == app }
}

// Workloads of the real controllers, with kube-scheduler beside us for the DaemonSet's pods, and static pods that no scheduler binds.
func TestControllers(t *testing.T) {
	c := NewCluster(t, Options{Controllers: true})
	c.Plane.StartKubeScheduler()
	s := c.StartScheduler()
	for i, celsius := range []string{"20", "30", "40"} {
		c.CreateNodes(Node(fmt.Sprintf("node%d", i+1), "4", celsius))
	}
	// A kubelet's own pod, as it mirrors it to the API.
	static := Pod("static-node1", "2")
	static.Spec.SchedulerName = "default-scheduler"
	static.Spec.NodeName = "node1"
	static.Annotations = map[string]string{"kubernetes.io/config.mirror": "x", "kubernetes.io/config.source": "file"}
	c.CreatePods(static)
	c.Apply(daemonSet)
	c.Kubectl("rollout", "status", "daemonset/agent", "--timeout=60s")
	c.Apply(fmt.Sprintf(workloads, SchedulerName))
	c.Kubectl("rollout", "status", "deployment/podpi", "--timeout=60s")
	c.Kubectl("wait", "--for=condition=complete", "job/pi", "--timeout=60s")
	for _, pod := range c.History.Pods(ofApp("agent")) {
		if pod.Spec.SchedulerName != "default-scheduler" || pod.Spec.NodeName == "" {
			t.Errorf("%s of the DaemonSet: scheduler %s, node %q", pod.Name, pod.Spec.SchedulerName, pod.Spec.NodeName)
		}
	}
	// On the coolest node the static pod and the DaemonSet's take three of four CPUs.
	onNode1 := c.History.Pods(func(pod *corev1.Pod) bool { return ofApp("podpi")(pod) && pod.Spec.NodeName == "node1" })
	if len(onNode1) > 2 {
		t.Errorf("%d pods of 500m were put where one CPU was left", len(onNode1))
	}

	c.Kubectl("scale", "deployment/podpi", "--replicas=8")
	c.Kubectl("rollout", "status", "deployment/podpi", "--timeout=60s")
	Eventually(t, 90*time.Second, "the CronJob's pod has run", func() bool {
		return len(c.History.Pods(func(pod *corev1.Pod) bool {
			return pod.Status.Phase == corev1.PodSucceeded && pod.Spec.SchedulerName == SchedulerName && pod.Labels["batch.kubernetes.io/job-name"] != "pi"
		})) > 0
	})
	if ready := s.Metric("scheduler_pending_pods", ""); ready != 0 {
		t.Errorf("%v pods wait", ready)
	}
	c.Check()
}

// Two schedulers on the same nodes: each binds its own pods and counts the other's.
func TestSideBySide(t *testing.T) {
	c := NewCluster(t, Options{})
	c.Plane.StartKubeScheduler()
	s := c.StartScheduler()
	c.CreateNodes(Numbered(4, "node", func(name string) *corev1.Node { return Node(name, "4", "40") })...)
	// A host port lets one of each go to each node.
	onePerNode := func(scheduler, cpu string, port int32) func(string) *corev1.Pod {
		return func(name string) *corev1.Pod {
			pod := Pod(name, cpu)
			pod.Labels["app"] = scheduler
			pod.Spec.SchedulerName = scheduler
			pod.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 80, HostPort: port}}
			return pod
		}
	}
	c.CreatePods(Numbered(4, "ours", onePerNode(SchedulerName, "500m", 8080))...)
	c.CreatePods(Numbered(4, "theirs", onePerNode("default-scheduler", "1", 8081))...)
	c.ExpectAllBound(8, time.Minute)
	c.ExpectCounted(s)

	// What the other took is taken: 2500m are left on each node.
	c.CreatePods(Pod("late", "3"))
	ExpectUnschedulable(c, "late", "0/4 nodes are available: 4 Insufficient cpu.")
	// The other's pods go: ours gets their room.
	c.Kubectl("delete", "pods", "-l", "app=default-scheduler", "--now")
	Eventually(t, time.Minute, "late has a node", func() bool { return c.History.NodeOf("late") != "" })
	c.Check()
}
