package harness

import (
	"fmt"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SchedulerName is the one that heat-scheduler answers to.
const SchedulerName = "heat-scheduler"

// TemperatureAnnotation is what Heat reads.
const TemperatureAnnotation = "nerdalize/temp"

// Node returns an amd64 node of that many CPUs, with 8 GiB of memory and room for 110 pods.
func Node(name, cpu, temperature string) *corev1.Node {
	amounts := corev1.ResourceList{
		corev1.ResourceCPU:    resource.MustParse(cpu),
		corev1.ResourceMemory: resource.MustParse("8Gi"),
		corev1.ResourcePods:   resource.MustParse("110"),
	}
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"kubernetes.io/hostname": name}},
		Status:     corev1.NodeStatus{Capacity: amounts, Allocatable: amounts},
	}
	SetArch(node, "amd64")
	if temperature != "" {
		node.Annotations = map[string]string{TemperatureAnnotation: temperature}
	}
	return node
}

// SetArch labels a node with its architecture, by both keys.
func SetArch(node *corev1.Node, arch string) {
	node.Labels["kubernetes.io/arch"] = arch
	node.Labels["beta.kubernetes.io/arch"] = arch
}

// Pod returns a pod of heat-scheduler that asks for that much CPU.
func Pod(name, cpu string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default", Labels: map[string]string{"app": "load"}},
		Spec: corev1.PodSpec{
			SchedulerName: SchedulerName,
			Containers: []corev1.Container{{
				Name: "main", Image: "busybox:1",
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu)}},
			}},
		},
	}
}

// CreateNodes creates nodes.
func (c *Cluster) CreateNodes(nodes ...*corev1.Node) {
	c.t.Helper()
	inParallel(c, "creating nodes", nodes, func(node *corev1.Node) error {
		_, err := c.Client.CoreV1().Nodes().Create(c.Ctx(), node, metav1.CreateOptions{})
		return err
	})
}

// CreatePods creates pods.
func (c *Cluster) CreatePods(pods ...*corev1.Pod) {
	c.t.Helper()
	inParallel(c, "creating pods", pods, func(pod *corev1.Pod) error {
		_, err := c.Client.CoreV1().Pods(pod.Namespace).Create(c.Ctx(), pod, metav1.CreateOptions{})
		return err
	})
}

// inParallel does the work for each of the objects, in their order, some at a time.
func inParallel[T any](c *Cluster, what string, objects []T, work func(T) error) {
	c.t.Helper()
	const atATime = 16
	queue := make(chan T)
	failures := make(chan error, len(objects))
	var workers sync.WaitGroup
	for range min(atATime, len(objects)) {
		workers.Go(func() {
			for object := range queue {
				if err := work(object); err != nil {
					failures <- err
				}
			}
		})
	}
	for _, object := range objects {
		queue <- object
	}
	close(queue)
	workers.Wait()
	close(failures)
	if err := <-failures; err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
}

// Numbered returns n objects made from their numbers.
func Numbered[T any](n int, name string, object func(name string) T) []T {
	objects := make([]T, n)
	for i := range objects {
		objects[i] = object(fmt.Sprintf("%s-%05d", name, i))
	}
	return objects
}

// Load creates pods of heat-scheduler in the background, up to 200 a second, whatever fails meanwhile.
type Load struct {
	stop    chan struct{}
	created chan int
}

// StartLoad begins; each pod asks for 50m of CPU.
func (c *Cluster) StartLoad() *Load {
	load := &Load{stop: make(chan struct{}), created: make(chan int, 1)}
	go func() {
		pace := time.NewTicker(5 * time.Millisecond)
		defer pace.Stop()
		for number := 0; ; {
			select {
			case <-load.stop:
				load.created <- number
				return
			case <-c.Ctx().Done():
				return
			case <-pace.C:
			}
			pod := Pod(fmt.Sprintf("load-%05d", number), "50m")
			_, err := c.Client.CoreV1().Pods(pod.Namespace).Create(c.Ctx(), pod, metav1.CreateOptions{})
			if err == nil || errors.IsAlreadyExists(err) { // The answer to an earlier try may have been lost.
				number++
			}
		}
	}()
	return load
}

// Stop ends the load and returns how many pods it has created.
func (l *Load) Stop() int {
	close(l.stop)
	return <-l.created
}

// ExpectAllBound waits until that many pods have a node and none waits for one.
func (c *Cluster) ExpectAllBound(pods int, limit time.Duration) {
	c.t.Helper()
	Eventually(c.t, limit, fmt.Sprintf("%d pods are bound", pods), func() bool { return c.History.Bound() >= pods })
	if bound := c.History.Bound(); bound != pods {
		c.t.Errorf("%d pods are bound instead of %d", bound, pods)
	}
}

// ExpectUnschedulable waits until the pod's condition says, with that message at its start, that no node fits it.
func ExpectUnschedulable(c *Cluster, pod, message string) {
	c.t.Helper()
	var last string
	defer func() {
		if c.t.Failed() {
			c.t.Logf("the condition of %s says %q", pod, last)
		}
	}()
	Eventually(c.t, time.Minute, pod+" waits, and says why", func() bool {
		if p := c.History.Pod(pod); p != nil {
			for _, condition := range p.Status.Conditions {
				if condition.Type == corev1.PodScheduled && condition.Reason == corev1.PodReasonUnschedulable {
					last = condition.Message
				}
			}
		}
		return strings.HasPrefix(last, message)
	})
}

// DeletePods deletes all pods of the namespace default and waits until they are gone.
func (c *Cluster) DeletePods() {
	c.t.Helper()
	now := int64(0)
	all := func(pod *corev1.Pod) bool { return pod.Namespace == "default" }
	// One by one: to delete a collection of thousands takes longer than a request may.
	inParallel(c, "deleting pods", c.History.Pods(all), func(pod *corev1.Pod) error {
		err := c.Client.CoreV1().Pods(pod.Namespace).Delete(c.Ctx(), pod.Name, metav1.DeleteOptions{GracePeriodSeconds: &now})
		if errors.IsNotFound(err) {
			return nil
		}
		return err
	})
	Eventually(c.t, time.Minute, "all pods are gone", func() bool { return len(c.History.Pods(all)) == 0 })
}
