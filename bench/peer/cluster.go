package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/events"
	"k8s.io/component-base/metrics/testutil"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/features"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/metrics"
)

// A mode is how many nodes kube-scheduler looks at for a pod.
type mode struct {
	name string
	// percentage of nodes to score; 0 lets kube-scheduler choose: a tenth of 5,000 nodes.
	percentage int32
	// batching is the feature gate OpportunisticBatching, on by default: it reuses the scores of the pod before.
	batching bool
}

var (
	sampled  = mode{name: "sampled", percentage: 0, batching: true}
	allNodes = mode{name: "all", percentage: 100, batching: false}
)

// A cluster is a kube-scheduler with everything around it: its queue, its cache, its default profile, and in the place of an
// API server this process, which tells it of objects and takes its requests. Not for more than one goroutine.
type cluster struct {
	sched    *scheduler.Scheduler
	feeds    feeds
	client   *fake.Clientset
	stop     context.CancelFunc
	ctx      context.Context
	version  int
	evicted  int
	poppedAt time.Time

	preemptions float64 // Those of this cluster, and of the ones before it in this process.

	outcomes chan outcome

	mu       sync.Mutex
	requests []request // Those that were not carried out yet.
}

// A request is what the scheduler asks to do with a pod that exists.
type request struct {
	pod   string // Its key.
	patch []byte // A strategic merge patch; nil to delete the pod.
}

// An outcome is what became of one pod in one attempt: bound to a node, or failed.
type outcome struct {
	pod       types.NamespacedName
	node      string // Empty if it was not bound.
	nominated string // The node on which room is being made.
	took      time.Duration
}

func newCluster(in mode) (*cluster, error) {
	gate := map[string]bool{string(features.OpportunisticBatching): in.batching}
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(gate); err != nil {
		return nil, err
	}
	c := &cluster{client: &fake.Clientset{}, outcomes: make(chan outcome, 16)}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.client.AddReactor("*", "*", c.serve)
	factory := informers.NewSharedInformerFactory(c.client, 0)
	c.feeds = newFeeds(factory)
	noEvents := func(string) events.EventRecorderLogger { return &events.FakeRecorder{} }
	var err error
	c.sched, err = scheduler.New(c.ctx, c.client, factory, nil, noEvents,
		scheduler.WithPercentageOfNodesToScore(&in.percentage))
	if err == nil {
		c.preemptions, err = preemptionsDone()
	}
	if err != nil {
		c.stop()
		return nil, err
	}
	pop := c.sched.NextPod
	c.sched.NextPod = func(logger klog.Logger) (*framework.QueuedPodInfo, error) {
		pod, err := pop(logger)
		c.poppedAt = time.Now()
		return pod, err
	}
	fail := c.sched.FailureHandler
	c.sched.FailureHandler = func(ctx context.Context, profile framework.Framework, pod *framework.QueuedPodInfo,
		status *fwk.Status, nominating *fwk.NominatingInfo, start time.Time) {
		fail(ctx, profile, pod, status, nominating, start)
		o := outcome{pod: nameOf(pod.Pod)}
		if nominating != nil {
			o.nominated = nominating.NominatedNodeName
		}
		c.outcomes <- o
	}
	c.sched.SchedulingQueue.Run(klog.Background())
	return c, nil
}

func nameOf(pod *v1.Pod) types.NamespacedName {
	return types.NamespacedName{Namespace: pod.Namespace, Name: pod.Name}
}

func (c *cluster) close() {
	c.stop()
	c.sched.SchedulingQueue.Close()
}

// serve takes the scheduler's requests in the place of an API server. It is called by goroutines of the scheduler.
func (c *cluster) serve(action clienttesting.Action) (bool, runtime.Object, error) {
	switch a := action.(type) {
	case clienttesting.CreateActionImpl:
		if binding, ok := a.Object.(*v1.Binding); ok {
			c.outcomes <- outcome{
				pod:  types.NamespacedName{Namespace: binding.Namespace, Name: binding.Name},
				node: binding.Target.Name,
			}
		}
		return true, a.Object, nil
	case clienttesting.DeleteActionImpl:
		c.note(request{pod: a.Namespace + "/" + a.Name})
		return true, &v1.Pod{}, nil
	case clienttesting.PatchActionImpl:
		c.note(request{pod: a.Namespace + "/" + a.Name, patch: a.Patch})
		return true, &v1.Pod{}, nil
	}
	return true, nil, fmt.Errorf("unexpected request: %s %s", action.GetVerb(), action.GetResource().Resource)
}

func (c *cluster) note(r request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, r)
}

// put tells the scheduler of an object that is new or has changed.
func (c *cluster) put(object runtime.Object) error {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	c.version++
	accessor.SetResourceVersion(strconv.Itoa(c.version))
	if err := identify(object); err != nil {
		return err
	}
	feed, err := c.feeds.of(object)
	if err != nil {
		return err
	}
	return feed.put(object)
}

func (c *cluster) remove(object runtime.Object) error {
	feed, err := c.feeds.of(object)
	if err != nil {
		return err
	}
	key, err := cache.MetaNamespaceKeyFunc(object)
	if err != nil {
		return err
	}
	return feed.remove(key)
}

// has is true if there is an object of the example's kind with this key: its name, or namespace/name.
func (c *cluster) has(example runtime.Object, key string) bool {
	feed, err := c.feeds.of(example)
	if err != nil {
		return false
	}
	_, exists, err := feed.GetIndexer().GetByKey(key)
	return err == nil && exists
}

// ending counts the pods.
func (c *cluster) ending() (ending, error) {
	feed, err := c.feeds.of(&v1.Pod{})
	if err != nil {
		return ending{}, err
	}
	end := ending{Evicted: c.evicted}
	for _, object := range feed.GetIndexer().List() {
		if object.(*v1.Pod).Spec.NodeName == "" {
			end.Pending++
		} else {
			end.Placed++
		}
	}
	return end, nil
}

// bind does what a binding does to a pod.
func (c *cluster) bind(name types.NamespacedName, node string) error {
	feed, err := c.feeds.of(&v1.Pod{})
	if err != nil {
		return err
	}
	object, exists, err := feed.GetIndexer().GetByKey(name.String())
	if err != nil {
		return err
	}
	if !exists {
		return fmt.Errorf("the pod %s, bound to %s, is not there", name, node)
	}
	pod := object.(*v1.Pod).DeepCopy()
	pod.Spec.NodeName = node
	return c.put(pod)
}

// For how long a pod may be on its way back into the queue before the run counts as stuck. Where a backoff holds it, that is
// a second.
const patience = 20 * time.Second

// scheduleOne lets the scheduler do one attempt, from taking a pod out of its queue to the reservation of its node, and
// measures that. What follows (the binding, deletions of victims, news of both) is not measured, and done when it returns.
// `ready` says that the queue has a pod to try; else it is waited for.
func (c *cluster) scheduleOne(ready bool) (outcome, error) {
	if err := c.carryOut(); err != nil {
		return outcome{}, err
	}
	queue := c.sched.SchedulingQueue
	for deadline := time.Now().Add(patience); !ready; time.Sleep(50 * time.Microsecond) {
		if err := c.carryOut(); err != nil {
			return outcome{}, err
		}
		ready = len(queue.PodsInActiveQ()) > 0 || len(queue.PodsInBackoffQ()) > 0
		if !ready && time.Now().After(deadline) {
			return outcome{}, errors.New("no pod is ready to be tried")
		}
	}
	c.sched.ScheduleOne(c.ctx)
	took := time.Since(c.poppedAt)
	select {
	case o := <-c.outcomes:
		o.took = took
		if o.nominated != "" {
			c.preemptions++
			if err := c.awaitPreemptions(); err != nil {
				return o, err
			}
		}
		if o.node != "" {
			if err := c.bind(o.pod, o.node); err != nil {
				return o, err
			}
		}
		c.client.ClearActions()
		return o, nil
	case <-time.After(time.Minute):
		return outcome{}, errors.New("a pod was neither bound nor refused")
	}
}

// awaitPreemptions returns when the scheduler has asked for all victims of the preemptions so far, which it does in goroutines
// of its own. Were the first deletions carried out before the last is asked for, the pod might be tried between them, find no
// victim on its way out and preempt a second time; and the second time wait for a deletion that has already been.
func (c *cluster) awaitPreemptions() error {
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Microsecond) {
		done, err := preemptionsDone()
		if err != nil || done >= c.preemptions {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%v of %v preemptions have not ended", c.preemptions-done, c.preemptions)
		}
	}
}

// preemptionsDone counts the preemptions of all clusters of this process that have asked for all their victims.
func preemptionsDone() (float64, error) {
	done := 0.0
	for _, result := range []string{metrics.GoroutineResultSuccess, metrics.GoroutineResultError} {
		count, err := testutil.GetCounterMetricValue(metrics.PreemptionGoroutinesExecutionTotal.WithLabelValues(result))
		if err != nil {
			return 0, err
		}
		done += count
	}
	return done, nil
}

// carryOut does what the scheduler has asked for: conditions, nominations, deletions of victims.
func (c *cluster) carryOut() error {
	c.mu.Lock()
	requests := c.requests
	c.requests = nil
	c.mu.Unlock()
	pods, err := c.feeds.of(&v1.Pod{})
	if err != nil {
		return err
	}
	for _, r := range requests {
		object, exists, err := pods.GetIndexer().GetByKey(r.pod)
		if err != nil {
			return err
		}
		if !exists {
			continue
		}
		if r.patch == nil {
			c.evicted++
			err = pods.remove(r.pod)
		} else {
			err = c.patch(object.(*v1.Pod), r.patch)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *cluster) patch(pod *v1.Pod, patch []byte) error {
	old, err := json.Marshal(pod)
	if err != nil {
		return err
	}
	text, err := strategicpatch.StrategicMergePatch(old, patch, v1.Pod{})
	if err != nil {
		return err
	}
	patched := &v1.Pod{}
	if err := json.Unmarshal(text, patched); err != nil {
		return err
	}
	return c.put(patched)
}
