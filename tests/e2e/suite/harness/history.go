package harness

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
)

// History keeps every write to pods and nodes that the API accepted: of kube-apiserver as etcd has it, so that a stop of
// kube-apiserver leaves no gap; of heat-cluster by a watch. Heat-check-history, the checker of the fault simulation, judges it.
type History struct {
	t      testing.TB
	ctx    context.Context
	mu     sync.Mutex
	writes []write
	pods   map[string]*corev1.Pod  // As of the newest write, by namespace/name.
	nodes  map[string]*corev1.Node // The same.
	// When each pod was first seen with a node.
	boundAt map[types.UID]time.Time
	err     error
}

// write is one accepted write, in the words of a watch event.
type write struct {
	Version int64           `json:"-"`
	Kind    string          `json:"kind"`
	Time    int64           `json:"time"` // When it was heard of, Unix microseconds.
	Type    watch.EventType `json:"type"`
	Object  runtime.Object  `json:"object"`
}

func newHistory(t testing.TB) *History {
	return &History{t: t, ctx: t.Context(), pods: map[string]*corev1.Pod{}, nodes: map[string]*corev1.Node{}, boundAt: map[types.UID]time.Time{}}
}

// followEtcd records from the first revision on.
func (h *History) followEtcd(url string) {
	// Where kube-apiserver keeps pods and nodes.
	for _, prefix := range []string{"/registry/pods/", "/registry/minions/"} {
		known := map[string]runtime.Object{}
		go func() {
			h.ended(etcdWatch(h.ctx, url, prefix, func(events []etcdEvent) {
				for _, event := range events {
					key := string(event.KV.Key)
					if event.Type == "DELETE" {
						h.add(watch.Deleted, known[key], event.KV.ModRevision)
						delete(known, key)
						continue
					}
					object, _, err := scheme.Codecs.UniversalDeserializer().Decode(event.KV.Value, nil, nil)
					if err != nil {
						h.ended(fmt.Errorf("%s: %w", key, err))
						return
					}
					kind := watch.Modified
					if known[key] == nil {
						kind = watch.Added
					}
					known[key] = object
					h.add(kind, object, event.KV.ModRevision)
				}
			}))
		}()
	}
}

// followAPI records what a watch shows from now on.
func (h *History) followAPI(client kubernetes.Interface) {
	h.t.Helper()
	hour := int64(3600)
	options := metav1.ListOptions{TimeoutSeconds: &hour}
	pods, err := client.CoreV1().Pods("").Watch(h.ctx, options)
	if err != nil {
		h.t.Fatal(err)
	}
	nodes, err := client.CoreV1().Nodes().Watch(h.ctx, options)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, stream := range []watch.Interface{pods, nodes} {
		go func() {
			for event := range stream.ResultChan() {
				meta, isObject := event.Object.(metav1.Object)
				if !isObject {
					h.ended(fmt.Errorf("watch: %v", event.Object))
					return
				}
				version, _ := strconv.ParseInt(meta.GetResourceVersion(), 10, 64)
				h.add(event.Type, event.Object, version)
			}
			h.ended(errors.New("the watch ended"))
		}()
	}
}

func (h *History) ended(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx.Err() == nil && h.err == nil {
		h.err = err
	}
}

func (h *History) add(kind watch.EventType, object runtime.Object, version int64) {
	object = object.DeepCopyObject()
	object.(metav1.Object).SetResourceVersion(strconv.FormatInt(version, 10))
	object.(metav1.Object).SetManagedFields(nil)
	h.mu.Lock()
	defer h.mu.Unlock()
	name := "Pod"
	if _, isNode := object.(*corev1.Node); isNode {
		name = "Node"
	}
	h.writes = append(h.writes, write{version, name, time.Now().UnixMicro(), kind, object})
	switch typed := object.(type) {
	case *corev1.Pod:
		if _, known := h.boundAt[typed.UID]; !known && typed.Spec.NodeName != "" {
			h.boundAt[typed.UID] = time.Now()
		}
		keep(h.pods, typed.Namespace+"/"+typed.Name, typed, kind)
	case *corev1.Node:
		keep(h.nodes, typed.Name, typed, kind)
	}
}

func keep[T any](objects map[string]T, key string, object T, kind watch.EventType) {
	if kind == watch.Deleted {
		delete(objects, key)
	} else {
		objects[key] = object
	}
}

// Pod returns a pod of the namespace default as it was last written, or nil. It is not to be changed.
func (h *History) Pod(name string) *corev1.Pod {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.pods["default/"+name]
}

// NodeOf returns the node of a pod of the namespace default; empty if it has none.
func (h *History) NodeOf(pod string) string {
	if p := h.Pod(pod); p != nil {
		return p.Spec.NodeName
	}
	return ""
}

// Pods returns the pods that the condition holds for, by name. They are not to be changed.
func (h *History) Pods(condition func(*corev1.Pod) bool) []*corev1.Pod {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []*corev1.Pod
	for _, pod := range h.pods {
		if condition(pod) {
			found = append(found, pod)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Name < found[j].Name })
	return found
}

// Written returns the pod of every write so far that the condition holds for, in the order of the writes. They are not to be changed.
func (h *History) Written(condition func(*corev1.Pod) bool) []*corev1.Pod {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []*corev1.Pod
	for _, w := range h.writes {
		if pod, isPod := w.Object.(*corev1.Pod); isPod && condition(pod) {
			found = append(found, pod)
		}
	}
	return found
}

// Nodes returns how many there are.
func (h *History) Nodes() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.nodes)
}

// Bound returns how many pods have a node.
func (h *History) Bound() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	bound := 0
	for _, pod := range h.pods {
		if pod.Spec.NodeName != "" {
			bound++
		}
	}
	return bound
}

// ExpectNode waits until the pod has a node, which must be that one.
func (h *History) ExpectNode(pod, node string) {
	h.t.Helper()
	Eventually(h.t, time.Minute, "pod "+pod+" has a node", func() bool { return h.NodeOf(pod) != "" })
	if got := h.NodeOf(pod); got != node {
		h.t.Errorf("pod %s is on %s, not on %s", pod, got, node)
	}
}

// Check fails the test unless the guarantees hold over all that was recorded: nothing lost, nothing bound twice, nothing
// overcommitted by a bind of the pods of that scheduler, and nothing left waiting that fits somewhere.
func (h *History) Check(dir string) {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil {
		h.t.Fatalf("recording the history: %v", h.err)
	}
	// Pods and nodes come by streams of their own.
	sort.SliceStable(h.writes, func(i, j int) bool { return h.writes[i].Version < h.writes[j].Version })
	path := filepath.Join(dir, "history.jsonl")
	file, err := os.Create(path)
	if err != nil {
		h.t.Fatal(err)
	}
	defer file.Close()
	buffered := bufio.NewWriter(file)
	encoder := json.NewEncoder(buffered)
	for _, w := range h.writes {
		if err := encoder.Encode(w); err != nil {
			h.t.Fatal(err)
		}
	}
	if err := buffered.Flush(); err != nil {
		h.t.Fatal(err)
	}
	output, err := exec.Command(HeatBinary("heat-check-history"), path).CombinedOutput()
	h.t.Logf("%s", strings.TrimSpace(string(output)))
	if err != nil {
		h.t.Errorf("the history breaks a guarantee: %v", err)
	}
}

// ExpectBinds waits until that many pods have a node, and returns when the first and the last of them got it.
func (h *History) ExpectBinds(pods int, limit time.Duration) (first, last time.Time) {
	h.t.Helper()
	Eventually(h.t, limit, fmt.Sprintf("%d pods are bound", pods), func() bool { return h.Bound() >= pods })
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, pod := range h.pods {
		at := h.boundAt[pod.UID]
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	return first, last
}
