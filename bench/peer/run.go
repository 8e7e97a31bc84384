package main

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// A result is what was measured of one workload.
type result struct {
	Workload string `json:"workload"`
	Mode     string `json:"mode"`
	Nodes    int    `json:"nodes"`
	// Pods that were decided on, and the seconds that all attempts took while they were.
	Decisions int     `json:"decisions"`
	Seconds   float64 `json:"seconds"`
	Rate      float64 `json:"rate"`
	ending
}

// A run carries out the operations of one workload, once.
type run struct {
	cluster  *cluster
	workload *workload
	maker    *maker
	limit    time.Duration // Of measured time; what has not been tried by then is withdrawn. 0: none.

	// Nodes of the pods that come before the measured ones, if they are not to be scheduled here.
	initial map[types.NamespacedName]string

	gated      []*v1.Pod // Those that are still to be created.
	placements []placement
	recurring  []recurring
	result     result
}

// A recurring operation happens before each `interval`th measured pod.
type recurring struct {
	interval int
	do       func(time int) error
}

// runWorkload measures a workload in a new cluster.
func runWorkload(
	w *workload, in mode, limit time.Duration, initial map[types.NamespacedName]string,
) (result, []placement, error) {
	cluster, err := newCluster(in)
	if err != nil {
		return result{}, nil, err
	}
	defer cluster.close()
	r := &run{
		cluster: cluster, workload: w, maker: newMaker(w), limit: limit, initial: initial,
		result: result{Workload: w.fullName(), Mode: in.name},
	}
	for i := range w.testCase.WorkloadTemplate {
		op := &w.testCase.WorkloadTemplate[i]
		if err := r.operate(i, op); err != nil {
			return result{}, nil, fmt.Errorf("%s, %s, operation %d (%s): %w", w.fullName(), in.name, i, op.Opcode, err)
		}
	}
	r.result.ending, err = cluster.ending()
	return r.result, r.placements, err
}

func (r *run) operate(index int, op *operation) error {
	switch op.Opcode {
	case "createNodes":
		return r.createNodes(index, op)
	case "createNamespaces":
		return r.createNamespaces(index, op)
	case "createPods":
		return r.createPods(index, op, r.namespaceOf(index, op))
	case "createPodSets":
		count, err := r.workload.count(op)
		for set := 0; err == nil && set < count; set++ {
			err = r.createPods(index, op.CreatePodsOp, fmt.Sprintf("%s-%d", op.NamespacePrefix, set))
		}
		return err
	case "createAny":
		return r.createAny(index, op)
	case "barrier":
		return nil
	case "churn":
		return r.churn(index, op)
	case "deletePods":
		return r.deletePods(op)
	}
	return errors.New("this opcode is not known")
}

func (r *run) namespaceOf(index int, op *operation) string {
	if op.Namespace != "" {
		return op.Namespace
	}
	return fmt.Sprintf("namespace-%d", index)
}

func (r *run) createNodes(index int, op *operation) error {
	count, err := r.workload.count(op)
	if err != nil {
		return err
	}
	for i := range count {
		node, csiNode, err := r.maker.node(op, index, i, count)
		if err != nil {
			return err
		}
		if csiNode != nil {
			if err := r.cluster.put(csiNode); err != nil {
				return err
			}
		}
		if err := r.cluster.put(node); err != nil {
			return err
		}
	}
	r.result.Nodes += count
	return nil
}

func (r *run) createNamespaces(index int, op *operation) error {
	count, err := r.workload.count(op)
	if err != nil {
		return err
	}
	for i := range count {
		namespace := &v1.Namespace{}
		if op.NamespaceTemplatePath != "" {
			object, err := r.maker.make(op.NamespaceTemplatePath, index, i, count)
			if err != nil {
				return err
			}
			var ok bool
			if namespace, ok = object.(*v1.Namespace); !ok {
				return fmt.Errorf("%s is a %T, not a Namespace", op.NamespaceTemplatePath, object)
			}
		}
		namespace.Name = fmt.Sprintf("%s-%d", op.Prefix, i)
		if err := r.putNamespace(namespace); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) putNamespace(namespace *v1.Namespace) error {
	metav1.SetMetaDataLabel(&namespace.ObjectMeta, v1.LabelMetadataName, namespace.Name)
	return r.cluster.put(namespace)
}

// needNamespace makes a namespace that is not there yet.
func (r *run) needNamespace(name string) error {
	if name == "" || r.cluster.has(&v1.Namespace{}, name) {
		return nil
	}
	return r.putNamespace(&v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
}

func (r *run) createAny(index int, op *operation) error {
	count, err := r.workload.count(op)
	if err != nil {
		return err
	}
	for i := range count {
		if _, err := r.createOne(op.TemplatePath, index, i, count, op.Namespace); err != nil {
			return err
		}
	}
	return nil
}

// createOne makes an object of any kind; the namespace is for those that have one.
func (r *run) createOne(path string, op, index, count int, namespace string) (apiruntime.Object, error) {
	object, err := r.maker.make(path, op, index, count)
	if err != nil {
		return nil, err
	}
	switch o := object.(type) {
	case *v1.Pod:
		o.Namespace = namespace
	case *v1.Service:
		o.Namespace = namespace
	}
	if err := r.needNamespace(namespace); err != nil {
		return nil, err
	}
	return object, r.cluster.put(object)
}

func (r *run) createPods(index int, op *operation, namespace string) error {
	count, err := r.workload.count(op)
	if err != nil {
		return err
	}
	if err := r.needNamespace(namespace); err != nil {
		return err
	}
	if op.CollectMetrics {
		if err := r.createGated(); err != nil {
			return err
		}
	}
	waiting := map[types.NamespacedName]*v1.Pod{}
	for i := range count {
		pod, volumes, err := r.maker.pod(op, index, i, count, namespace)
		if err != nil {
			return err
		}
		for _, object := range volumes {
			if err := r.cluster.put(object); err != nil {
				return err
			}
		}
		if err := r.createPod(pod, op.CollectMetrics, waiting); err != nil {
			return err
		}
	}
	return r.decide(waiting, op.CollectMetrics)
}

// createPod creates one pod, on its node where that is known, else waiting for one.
func (r *run) createPod(pod *v1.Pod, measured bool, waiting map[types.NamespacedName]*v1.Pod) error {
	if len(pod.Spec.SchedulingGates) > 0 {
		r.gated = append(r.gated, pod)
		return nil
	}
	name := nameOf(pod)
	if measured || r.initial == nil {
		waiting[name] = pod
		return r.cluster.put(pod)
	}
	node, ok := r.initial[name]
	if !ok {
		return fmt.Errorf("the initial placements do not say where %s is", name)
	}
	pod.Spec.NodeName = node
	r.placements = append(r.placements, placement{name, node})
	return r.cluster.put(pod)
}

// createGated creates the gated pods. They come last before the measured ones, since kube-scheduler looks at all of them for
// each pod that gets a node: with thousands of both that is most of a minute, of which nothing is measured.
func (r *run) createGated() error {
	for _, pod := range r.gated {
		if err := r.cluster.put(pod); err != nil {
			return err
		}
	}
	r.gated = nil
	return nil
}

// decide lets the waiting pods be decided on, all of them or, where they are measured, until the time is up.
func (r *run) decide(waiting map[types.NamespacedName]*v1.Pod, measured bool) error {
	untried := maps.Clone(waiting)
	decisions, recurred := len(waiting), 0
	var took time.Duration
	if measured {
		runtime.GC()
	}
	for len(waiting) > 0 {
		if tried := decisions - len(untried); measured && tried > recurred {
			recurred = tried
			if err := r.recur(tried); err != nil {
				return err
			}
		}
		o, err := r.cluster.scheduleOne(len(untried) > 0)
		if err != nil {
			return fmt.Errorf("%d pods wait: %w", len(waiting), err)
		}
		took += o.took
		delete(untried, o.pod)
		if _, expected := waiting[o.pod]; expected && o.nominated == "" {
			delete(waiting, o.pod)
			r.placements = append(r.placements, placement{o.pod, o.node})
		}
		if measured && r.limit > 0 && took >= r.limit {
			decisions -= len(untried)
			if err := r.withdraw(untried, waiting); err != nil {
				return err
			}
		}
	}
	if measured {
		r.result.Decisions, r.result.Seconds = decisions, took.Seconds()
		r.result.Rate = float64(decisions) / took.Seconds()
	}
	return nil
}

// withdraw takes back pods that were not tried.
func (r *run) withdraw(untried, waiting map[types.NamespacedName]*v1.Pod) error {
	for name, pod := range untried {
		delete(waiting, name)
		if err := r.cluster.remove(pod); err != nil {
			return err
		}
	}
	clear(untried)
	return nil
}

// recur does what is due before the decision on this measured pod.
func (r *run) recur(number int) error {
	for _, op := range r.recurring {
		if number%op.interval != 0 {
			continue
		}
		if err := op.do(number/op.interval - 1); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) churn(index int, op *operation) error {
	interval, err := r.workload.interval(op)
	if err != nil {
		return err
	}
	namespace := r.namespaceOf(index, op)
	var alive []apiruntime.Object
	create := func(time int) error {
		for _, path := range op.TemplatePaths {
			object, err := r.createOne(path, index, time, op.Number, namespace)
			if err != nil {
				return err
			}
			alive = append(alive, object)
		}
		return nil
	}
	do := create
	switch {
	case op.Mode == "create":
		do = func(time int) error {
			if op.Number > 0 && time >= op.Number {
				return nil
			}
			return create(time)
		}
	case op.Mode == "recreate" && op.Number > 0:
		do = func(time int) error {
			if time/op.Number%2 == 0 {
				return create(time)
			}
			oldest := alive[:len(op.TemplatePaths)]
			alive = alive[len(op.TemplatePaths):]
			for _, object := range oldest {
				if err := r.cluster.remove(object); err != nil {
					return err
				}
			}
			return nil
		}
	default:
		return fmt.Errorf("mode %q with number %d: want create, or recreate with a number above 0", op.Mode, op.Number)
	}
	r.recurring = append(r.recurring, recurring{interval, do})
	return nil
}

func (r *run) deletePods(op *operation) error {
	interval, err := r.workload.interval(op)
	if err != nil {
		return err
	}
	var pods []types.NamespacedName
	for _, p := range r.placements {
		if p.pod.Namespace == op.Namespace {
			pods = append(pods, p.pod)
		}
	}
	do := func(time int) error {
		if time >= len(pods) {
			return nil
		}
		name := pods[time]
		return r.cluster.remove(&v1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: name.Namespace, Name: name.Name}})
	}
	r.recurring = append(r.recurring, recurring{interval, do})
	return nil
}
