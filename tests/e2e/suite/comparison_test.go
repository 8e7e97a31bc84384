package suite

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	. "heat-scheduler/tests/e2e/suite/harness"
)

// Both schedulers are configured alike, with kube-scheduler's default profile; %s is a kubeconfig.
const comparedConfig = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
percentageOfNodesToScore: 100
clientConnection: {kubeconfig: %s}
`

const (
	comparedPods = 500
	comparedSeed = 1
	// More than that are not kept: then some leave.
	crowd = 50
)

// comparison has both schedulers look at the same pods, one after the other.
type comparison struct {
	*Cluster
	t     *testing.T
	kube  *Process
	heat  *Scheduler
	mixer mixer
	// How many pods went which way.
	placed, soleBest, refused, preempting int
	victims                               map[string]bool // By kube-scheduler.
	started                               int
}

// Each of 500 mixed pods is decided by kube-scheduler, and by a dry run of heat-scheduler on the same state of the same cluster: the
// node must be among those that heat-scheduler calls equally good, and a pod that fits nowhere must be told so in the same words.
func TestComparisonWithKubeScheduler(t *testing.T) {
	c := NewCluster(t, Options{NoKubelets: true})
	c.Apply(mixedScene)
	c.CreateNodes(mixedNodes()...)
	config := func(kubeconfig string) string {
		path := strings.TrimSuffix(kubeconfig, ".kubeconfig") + "-config.yaml"
		if err := os.WriteFile(path, fmt.Appendf(nil, comparedConfig, kubeconfig), 0o600); err != nil {
			t.Fatal(err)
		}
		return "--config=" + path
	}
	both := comparison{
		Cluster: c, t: t, victims: map[string]bool{}, mixer: mixer{rand.New(rand.NewPCG(comparedSeed, 0))},
		kube: c.Plane.StartKubeScheduler(config(filepath.Join(c.Dir, "kube-scheduler.kubeconfig")), "--feature-gates=OpportunisticBatching=false"),
		heat: c.StartScheduler(config(c.SchedulerKubeconfig), "--dry-run", "--logging-format=json"),
	}
	for i := range comparedPods {
		both.compare(both.mixer.pod(fmt.Sprintf("pod%03d", i)))
		both.makeRoom()
	}
	t.Logf("%d pods: %d were placed on a best node (%d times there was only one), %d fit nowhere and said why alike, %d made others leave",
		comparedPods, both.placed, both.soleBest, both.refused, both.preempting)
	// Or it would show less than it says.
	if both.soleBest < 200 || both.refused < 100 || both.preempting < 5 {
		t.Error("the pods are not mixed enough")
	}
	c.ExpectOnlyReads()
	c.Check()
}

// compare has one pod decided by both.
func (b *comparison) compare(pod *corev1.Pod) {
	b.t.Helper()
	defer b.start(pod)
	key := keyOf(pod)
	// kube-scheduler must not be faster: of a pod that has its node there is nothing to be decided.
	b.kube.Signal(syscall.SIGSTOP)
	b.CreatePods(pod)
	ours := b.heat.AwaitDecision(key)
	b.kube.Signal(syscall.SIGCONT)
	var placed, refused *corev1.Pod
	await := func(found **corev1.Pod, condition func(*corev1.Pod) bool) func() bool {
		return func() bool {
			writes := b.History.Written(func(write *corev1.Pod) bool { return keyOf(write) == key && condition(write) })
			if len(writes) > 0 {
				*found = writes[0]
			}
			return *found != nil
		}
	}
	isPlaced := await(&placed, func(write *corev1.Pod) bool { return write.Spec.NodeName != "" })
	isRefused := await(&refused, func(write *corev1.Pod) bool { return refusal(write) != "" })
	Eventually(b.t, time.Minute, "kube-scheduler decides on "+key, func() bool { return isRefused() || isPlaced() })
	switch {
	case refused == nil:
		b.placed++
		if len(ours.Best) == 1 {
			b.soleBest++
		}
		if !slices.Contains(ours.Best, placed.Spec.NodeName) {
			b.differ(pod, ours, "is on "+placed.Spec.NodeName)
		}
	case refused.Status.NominatedNodeName == "":
		b.refused++
		if ours.Message != refusal(refused) || len(ours.Victims) > 0 {
			b.differ(pod, ours, refusal(refused))
		}
		b.deletePod(pod) // Or it would be tried again, at a time of its own.
	default:
		b.preempting++
		Eventually(b.t, time.Minute, key+" takes the room that was made for it", isPlaced)
		theirs := b.newVictims()
		slices.Sort(ours.Victims)
		if ours.Message != refusal(refused) || ours.Node != refused.Status.NominatedNodeName || !slices.Equal(ours.Victims, theirs) {
			b.differ(pod, ours, fmt.Sprintf("%s Victims %v on %s.", refusal(refused), theirs, refused.Status.NominatedNodeName))
		}
	}
}

func keyOf(pod *corev1.Pod) string { return pod.Namespace + "/" + pod.Name }

// refusal returns the message of a pod that fits nowhere; empty if there is none.
func refusal(pod *corev1.Pod) string {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			return condition.Message
		}
	}
	return ""
}

// newVictims returns those who were made to leave since the last call, by name.
func (b *comparison) newVictims() []string {
	var victims []string
	for _, pod := range b.History.Written(func(pod *corev1.Pod) bool {
		return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool { return c.Type == corev1.DisruptionTarget })
	}) {
		if key := keyOf(pod); !b.victims[key] {
			b.victims[key] = true
			victims = append(victims, key)
		}
	}
	slices.Sort(victims)
	return victims
}

// start says since when a pod that has its node has run, as its kubelet would: of equally important pods the one that has run longer is
// spared, and kube-scheduler takes one that has not started for one that starts now, each time that it looks.
func (b *comparison) start(pod *corev1.Pod) {
	b.t.Helper()
	placed := b.History.Pods(func(known *corev1.Pod) bool { return keyOf(known) == keyOf(pod) && known.Spec.NodeName != "" })
	if len(placed) == 0 {
		return
	}
	b.started++
	patch := fmt.Appendf(nil, `{"status": {"startTime": %q}}`, time.Unix(int64(b.started), 0).UTC().Format(time.RFC3339))
	if _, err := b.Client.CoreV1().Pods(pod.Namespace).Patch(b.Ctx(), pod.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status"); err != nil {
		b.t.Fatal(err)
	}
	Eventually(b.t, time.Minute, pod.Name+" has started", func() bool {
		return len(b.History.Pods(func(known *corev1.Pod) bool { return keyOf(known) == keyOf(pod) && known.Status.StartTime != nil })) == 1
	})
}

func (b *comparison) differ(pod *corev1.Pod, ours Decision, theirs string) {
	b.t.Helper()
	b.t.Errorf("%s: kube-scheduler says: %s\nheat-scheduler: %+v\n%s", keyOf(pod), theirs, ours,
		b.Kubectl("get", "pod", pod.Name, "--namespace", pod.Namespace, "-o", "yaml"))
}

// makeRoom deletes pods until the cluster is not crowded, any of them.
func (b *comparison) makeRoom() {
	b.t.Helper()
	for {
		pods := b.History.Pods(func(*corev1.Pod) bool { return true })
		if len(pods) <= crowd {
			return
		}
		b.deletePod(pods[b.mixer.IntN(len(pods))])
	}
}

func (b *comparison) deletePod(pod *corev1.Pod) {
	b.t.Helper()
	if err := b.Client.CoreV1().Pods(pod.Namespace).Delete(b.Ctx(), pod.Name, metav1.DeleteOptions{}); err != nil {
		b.t.Fatal(err)
	}
	Eventually(b.t, time.Minute, pod.Name+" is gone", func() bool {
		return len(b.History.Pods(func(left *corev1.Pod) bool { return keyOf(left) == keyOf(pod) })) == 0
	})
}
