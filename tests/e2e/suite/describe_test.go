package suite

import (
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	. "heat-scheduler/tests/e2e/suite/harness"
)

// What differs between two runs of the same: spacing, times, ages, and how often an event came.
var (
	spaces = regexp.MustCompile(`[ \t]+`)
	ages   = regexp.MustCompile(`\b\d+s( \(x\d+ over \d+s\))?`)
)

func describe(c *Cluster, pod, scheduler string) string {
	text := c.Kubectl("describe", "pod", pod)
	text = strings.NewReplacer(pod, "POD", scheduler, "SCHEDULER").Replace(text)
	return ages.ReplaceAllString(spaces.ReplaceAllString(text, " "), "AGE")
}

func eventsOf(description string) string {
	_, events, _ := strings.Cut(description, "Events:")
	return events
}

// `kubectl describe` says the same of the same pod, whether kube-scheduler or heat-scheduler had to place it.
func TestDescribeReadsAsWithKubeScheduler(t *testing.T) {
	c := NewCluster(t, Options{NoKubelets: true})
	tainted := Node("tainted", "4", "20")
	tainted.Spec.Taints = []corev1.Taint{{Key: "beta.kubernetes.io/arch", Value: "arm", Effect: corev1.TaintEffectNoSchedule}}
	cordoned := Node("cordoned", "4", "25")
	cordoned.Spec.Unschedulable = true
	c.CreateNodes(tainted, cordoned, Node("small", "1", "30"), Node("medium", "2", "40"))
	c.Plane.StartKubeScheduler()
	c.StartScheduler()

	rows := []struct {
		name   string
		cpu    string
		change func(*corev1.Pod)
		event  string // Its reason.
	}{
		{"fits", "100m", func(pod *corev1.Pod) { pod.Spec.NodeSelector = map[string]string{"kubernetes.io/hostname": "medium"} }, "Scheduled"},
		{"too-large", "64", func(*corev1.Pod) {}, "FailedScheduling"},
		{"selects-nothing", "100m", func(pod *corev1.Pod) { pod.Spec.NodeSelector = map[string]string{"disk": "none"} }, "FailedScheduling"},
	}
	schedulers := []string{"default-scheduler", SchedulerName}
	for _, row := range rows {
		var texts []string
		for _, scheduler := range schedulers {
			name := row.name + "-" + strings.Split(scheduler, "-")[0]
			pod := Pod(name, row.cpu)
			pod.Spec.SchedulerName = scheduler
			row.change(pod)
			c.CreatePods(pod)
			Eventually(t, time.Minute, name+" has its event", func() bool {
				return strings.Contains(eventsOf(describe(c, name, scheduler)), row.event)
			})
			texts = append(texts, describe(c, name, scheduler))
		}
		if texts[0] != texts[1] {
			t.Errorf("%s: kube-scheduler's pod reads\n%s\nours reads\n%s", row.name, texts[0], texts[1])
		}
	}
	c.Check()
}

// A pod that keeps not fitting has one event, which counts.
func TestRepeatedEventsAreCounted(t *testing.T) {
	OnBoth(t, Options{NoKubelets: true}, func(t *testing.T, c *Cluster) {
		c.CreateNodes(Node("small", "1", "30"))
		s := c.StartScheduler()
		c.CreatePods(Pod("large", "2"))
		ExpectUnschedulable(c, "large", "0/1 nodes are available: 1 Insufficient cpu.")
		// More CPUs, but not enough of them: it is tried again.
		c.Kubectl("patch", "node", "small", "--subresource=status", "-p", `{"status": {"allocatable": {"cpu": "1500m"}}}`)
		Eventually(t, time.Minute, "the event is counted", func() bool {
			return s.Metric("scheduler_schedule_attempts_total", `result="unschedulable"`) >= 2 &&
				strings.Contains(c.Kubectl("get", "events", "--field-selector=reason=FailedScheduling", "-o", "jsonpath={.items[*].series.count}"), "2")
		})
		c.Check()
	})
}
