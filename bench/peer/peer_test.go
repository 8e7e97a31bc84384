package main

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

const workloadsFolder = "../workloads"

func load(t *testing.T) []*workload {
	t.Helper()
	workloads, err := loadWorkloads(workloadsFolder)
	if err != nil {
		t.Fatal(err)
	}
	return workloads
}

func find(t *testing.T, name string) *workload {
	t.Helper()
	for _, w := range load(t) {
		if w.fullName() == name {
			return w
		}
	}
	t.Fatalf("there is no workload %s", name)
	return nil
}

// Every tiny workload ends as its file says, whichever nodes are looked at.
func TestTinyWorkloads(t *testing.T) {
	for _, w := range load(t) {
		if !w.runnable() || !slices.Contains(w.labels(), "tiny") {
			continue
		}
		for _, in := range []mode{sampled, allNodes} {
			t.Run(w.fullName()+"/"+in.name, func(t *testing.T) {
				got, placements, err := runWorkload(w, in, 0, nil)
				if err != nil {
					t.Fatal(err)
				}
				if got.ending != w.Expect {
					t.Errorf("ended with %+v, want %+v", got.ending, w.Expect)
				}
				if want := w.Params["measurePods"]; got.Decisions != want || got.Rate <= 0 {
					t.Errorf("%d decisions at %v/s, want %d at more than 0/s", got.Decisions, got.Rate, want)
				}
				if len(placements) < got.Decisions {
					t.Errorf("%d placements of %d decisions", len(placements), got.Decisions)
				}
			})
		}
	}
}

// What was placed before can be told, and then is where it was.
func TestInitialPlacements(t *testing.T) {
	w := find(t, "SchedulingPodAntiAffinity/5Nodes")
	first := types.NamespacedName{Namespace: "sched-0", Name: "anti-affinity-pod-2-0"}
	_, placements, err := runWorkload(w, allNodes, 0, map[types.NamespacedName]string{first: "node-0-3"})
	if err != nil {
		t.Fatal(err)
	}
	if want := (placement{first, "node-0-3"}); placements[0] != want {
		t.Errorf("the first placement is %v, want %v", placements[0], want)
	}
	for _, p := range placements[1:] {
		if p.node == "node-0-3" {
			t.Errorf("%v is beside %v", p, placements[0])
		}
	}
	if _, _, err := runWorkload(w, allNodes, 0, map[types.NamespacedName]string{}); err == nil ||
		!strings.Contains(err.Error(), "do not say where sched-0/anti-affinity-pod-2-0 is") {
		t.Errorf("without the placement of the first pod: %v", err)
	}
}

// When the time is up, pods that were not tried are withdrawn, and those on their way are waited for.
func TestTimeLimit(t *testing.T) {
	for _, name := range []string{"SchedulingBasic/5Nodes", "PreemptionBasic/5Nodes"} {
		got, _, err := runWorkload(find(t, name), sampled, time.Nanosecond, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got.Decisions != 1 {
			t.Errorf("%s: %d decisions, want 1", name, got.Decisions)
		}
	}
}

func TestNamesAndVolumes(t *testing.T) {
	w := find(t, "StatefulSetStream/6Nodes")
	pod, volumes, err := newMaker(w).pod(&w.testCase.WorkloadTemplate[1], 1, 4, 6, "namespace-1")
	if err != nil {
		t.Fatal(err)
	}
	claim, volume := volumes[0].(*v1.PersistentVolumeClaim), volumes[1].(*v1.PersistentVolume)
	got := []string{
		pod.Name, pod.Spec.Volumes[0].PersistentVolumeClaim.ClaimName, claim.Namespace + "/" + claim.Name,
		claim.Spec.VolumeName, volume.Name, volume.Spec.CSI.VolumeHandle, string(volume.Spec.ClaimRef.UID),
		volume.Spec.NodeAffinity.Required.NodeSelectorTerms[0].MatchExpressions[0].Values[0], pod.Spec.SchedulerName,
	}
	want := []string{
		"pod-1-4", "pod-1-4-claim", "namespace-1/pod-1-4-claim",
		"namespace-1-pod-1-4-claim", "namespace-1-pod-1-4-claim", "namespace-1-pod-1-4-claim",
		"PersistentVolumeClaim/namespace-1/pod-1-4-claim", "moon-2", "default-scheduler",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNodes(t *testing.T) {
	w := find(t, "TopologySpreading/5Nodes")
	node, csiNode, err := newMaker(w).node(&w.testCase.WorkloadTemplate[0], 0, 4, 5)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{v1.LabelHostname: "node-0-4", v1.LabelTopologyZone: "moon-2"}
	if !reflect.DeepEqual(node.Labels, want) || csiNode != nil {
		t.Errorf("labels %v and CSINode %v, want %v and none", node.Labels, csiNode, want)
	}
	w = find(t, "SchedulingCSIPVs/5Nodes")
	node, csiNode, err = newMaker(w).node(&w.testCase.WorkloadTemplate[0], 0, 4, 5)
	if err != nil {
		t.Fatal(err)
	}
	attachable := node.Status.Allocatable["attachable-volumes-csi-ebs.csi.aws.com"]
	if attachable.Value() != 39 || *csiNode.Spec.Drivers[0].Allocatable.Count != 39 || csiNode.Name != "node-0-4" {
		t.Errorf("allocatable %v, CSINode %v", node.Status.Allocatable, csiNode)
	}
}

func TestMistakesInWorkloads(t *testing.T) {
	const head = "- name: Case\n  workloads: [{name: W, params: {nodes: 1}}]\n  workloadTemplate:\n  - "
	for _, row := range []struct{ name, operation, want string }{
		{"UnknownKey", "{opcode: createNodes, counts: 5}", `unknown field "counts"`},
		{"UnknownOpcode", "{opcode: sleep}", "operation 0 (sleep): this opcode is not known"},
		{"UnknownParameter", "{opcode: createNodes, countParam: $pods}", "count is $pods, which workload Case/W does not state"},
		{"ParameterWithoutDollar", "{opcode: createNodes, countParam: nodes}", `count is "nodes": write a parameter as $name`},
		{"NoInterval", "{opcode: churn, mode: create}", "churn has to state intervalPods, 1 or more"},
		{"NoMode", "{opcode: churn, intervalPods: 1}", "want create, or recreate with a number above 0"},
		{"NoTemplate", "{opcode: createNodes, nodeTemplatePath: absent.yaml}", "absent.yaml"},
		{"NotANode", "{opcode: createNodes, nodeTemplatePath: templates/pod.yaml}", "templates/pod.yaml is a *v1.Pod, not a Node"},
	} {
		t.Run(row.name, func(t *testing.T) {
			workloads, err := parseWorkloads([]byte(head+row.operation+"\n"), workloadsFolder)
			if err == nil {
				_, _, err = runWorkload(workloads[0], sampled, 0, nil)
			}
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q in it", err, row.want)
			}
		})
	}
}

func TestPlacementsAsText(t *testing.T) {
	path := filepath.Join(t.TempDir(), "placements")
	pod := types.NamespacedName{Namespace: "a", Name: "b"}
	if err := writePlacements(path, []placement{{pod, "node-1"}}); err != nil {
		t.Fatal(err)
	}
	got, err := readPlacements(path)
	if want := map[types.NamespacedName]string{pod: "node-1"}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if err := writePlacements(path, []placement{{pod, ""}}); err != nil {
		t.Fatal(err)
	}
	if _, err := readPlacements(path); err == nil || !strings.Contains(err.Error(), `placements:1: "a/b -" is not`) {
		t.Errorf("a pod without a node: %v", err)
	}
}
