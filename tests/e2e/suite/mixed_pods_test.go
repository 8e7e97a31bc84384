package suite

import (
	"fmt"
	"math/rand/v2"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	. "heat-scheduler/tests/e2e/suite/harness"
)

// What stands in the cluster before the first pod: namespaces that selectors tell apart, services that give some pods default
// spreading, priorities, and claims (one whose volume is in one zone, one that only one pod may use).
const mixedScene = `
apiVersion: v1
kind: Namespace
metadata: {name: team-a, labels: {team: a, env: prod}}
---
apiVersion: v1
kind: Namespace
metadata: {name: team-b, labels: {team: b}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: team-a}
spec: {selector: {app: db}, ports: [{port: 80}]}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: low}
value: -10
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 1000
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: patient}
value: 500
preemptionPolicy: Never
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: zonal, namespace: default, annotations: {pv.kubernetes.io/bind-completed: "yes"}}
spec: {accessModes: [ReadWriteOnce], volumeName: zonal, storageClassName: "", resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: exclusive, namespace: default, annotations: {pv.kubernetes.io/bind-completed: "yes"}}
spec: {accessModes: [ReadWriteOncePod], volumeName: exclusive, storageClassName: "", resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: zonal, labels: {topology.kubernetes.io/zone: z2}}
spec:
  accessModes: [ReadWriteOnce]
  capacity: {storage: 1Gi}
  csi: {driver: example.com, volumeHandle: zonal}
  claimRef: {namespace: default, name: zonal}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: topology.kubernetes.io/zone, operator: In, values: [z2]}]}]}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: exclusive}
spec:
  accessModes: [ReadWriteOncePod]
  capacity: {storage: 1Gi}
  csi: {driver: example.com, volumeHandle: exclusive}
  claimRef: {namespace: default, name: exclusive}
`

// Nodes of three zones and three architectures, large and small, some tainted, one cordoned, one without a zone.
func mixedNodes() []*corev1.Node {
	var nodes []*corev1.Node
	for i, cpu := range []string{"8", "8", "4", "4", "4", "2", "2", "8", "4", "2", "4", "4"} {
		node := Node(fmt.Sprintf("node%02d", i), cpu, "")
		node.Labels[zoneKey] = fmt.Sprintf("z%d", 1+i%3)
		node.Labels["disk"] = []string{"ssd", "hdd"}[i/2%2]
		node.Labels["rank"] = fmt.Sprint(i)
		node.Status.Images = []corev1.ContainerImage{{Names: []string{"busybox:1"}, SizeBytes: int64(50+i) << 20}}
		switch i {
		case 3, 7:
			SetArch(node, "arm64")
			node.Spec.Taints = []corev1.Taint{{Key: "arch", Value: "arm64", Effect: corev1.TaintEffectNoSchedule}}
			node.Status.Images = append(node.Status.Images, corev1.ContainerImage{Names: []string{"perl:5"}, SizeBytes: 800 << 20})
		case 5:
			SetArch(node, "arm")
			node.Spec.Taints = []corev1.Taint{{Key: "dedicated", Value: "batch", Effect: corev1.TaintEffectNoExecute}}
		case 8:
			node.Spec.Taints = []corev1.Taint{{Key: "spot", Effect: corev1.TaintEffectPreferNoSchedule}}
		case 9:
			node.Spec.Unschedulable = true
		case 10:
			delete(node.Labels, zoneKey)
		case 11:
			node.Status.Allocatable["example.com/gpu"] = resource.MustParse("2")
			node.Status.Allocatable[corev1.ResourcePods] = resource.MustParse("5")
		}
		nodes = append(nodes, node)
	}
	return nodes
}

const zoneKey = "topology.kubernetes.io/zone"

// mixer makes pods from a seed.
type mixer struct{ *rand.Rand }

func (m mixer) oneIn(n int) bool { return m.IntN(n) == 0 }

func pick[T any](m mixer, choices ...T) T { return choices[m.IntN(len(choices))] }

func (m mixer) topologyKey() string {
	return pick(m, zoneKey, zoneKey, "kubernetes.io/hostname", "disk")
}

func (m mixer) selector() *metav1.LabelSelector {
	if m.oneIn(4) {
		return &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "app",
			Operator: pick(m, metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn), Values: []string{pick(m, "web", "db"), "api"}}}}
	}
	return &metav1.LabelSelector{MatchLabels: map[string]string{"app": pick(m, "web", "db", "api")}}
}

// pod returns a pod with some of everything that default plugins look at.
func (m mixer) pod(name string) *corev1.Pod {
	pod := Pod(name, pick(m, "100m", "250m", "500m", "1", "1500m"))
	pod.Namespace = pick(m, "default", "default", "team-a", "team-b")
	pod.Labels = map[string]string{"app": pick(m, "web", "db", "api"), "tier": pick(m, "front", "back")}
	pod.Spec.SchedulerName = "default-scheduler"
	pod.Spec.TerminationGracePeriodSeconds = ptr.To(int64(0)) // There is no kubelet to take leave of.
	for _, add := range []struct {
		oneIn int
		to    func(*corev1.Pod)
	}{
		{2, m.resources}, {4, m.nodeSelector}, {4, m.nodeAffinity}, {2, m.tolerations}, {6, m.hostPort}, {4, m.podAffinity},
		{4, m.podAntiAffinity}, {3, m.spread}, {3, m.priority}, {12, m.volume},
	} {
		if m.oneIn(add.oneIn) {
			add.to(pod)
		}
	}
	return pod
}

func (m mixer) resources(pod *corev1.Pod) {
	main := &pod.Spec.Containers[0]
	switch m.IntN(6) {
	case 0:
		main.Resources.Requests = nil
	case 1:
		main.Resources.Requests["example.com/gpu"] = resource.MustParse("1")
		main.Resources.Limits = corev1.ResourceList{"example.com/gpu": resource.MustParse("1")}
	case 2:
		main.Resources.Requests[corev1.ResourceCPU] = resource.MustParse(pick(m, "6", "64"))
	case 3:
		pod.Spec.InitContainers = []corev1.Container{{Name: "init", Image: "perl:5", Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("3Gi")}}}}
		if m.oneIn(2) {
			pod.Spec.InitContainers[0].RestartPolicy = ptr.To(corev1.ContainerRestartPolicyAlways)
		}
	default:
		main.Resources.Requests[corev1.ResourceMemory] = resource.MustParse(pick(m, "128Mi", "1Gi", "3Gi"))
		main.Image = pick(m, "busybox:1", "perl:5")
	}
}

func (m mixer) nodeSelector(pod *corev1.Pod) {
	pod.Spec.NodeSelector = pick(m, map[string]string{"disk": "ssd"}, map[string]string{"kubernetes.io/arch": "amd64"},
		map[string]string{zoneKey: "z1"}, map[string]string{"kubernetes.io/arch": "arm64", "disk": "hdd"}, map[string]string{"disk": "tape"})
}

func (m mixer) affinity(pod *corev1.Pod) *corev1.Affinity {
	if pod.Spec.Affinity == nil {
		pod.Spec.Affinity = &corev1.Affinity{}
	}
	return pod.Spec.Affinity
}

func (m mixer) nodeTerm() corev1.NodeSelectorTerm {
	if m.oneIn(8) {
		return corev1.NodeSelectorTerm{MatchFields: []corev1.NodeSelectorRequirement{
			{Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{pick(m, "node00", "node04", "gone")}}}}
	}
	return corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{pick(m,
		corev1.NodeSelectorRequirement{Key: zoneKey, Operator: corev1.NodeSelectorOpIn, Values: []string{"z1", "z3"}},
		corev1.NodeSelectorRequirement{Key: zoneKey, Operator: corev1.NodeSelectorOpDoesNotExist},
		corev1.NodeSelectorRequirement{Key: "disk", Operator: corev1.NodeSelectorOpNotIn, Values: []string{"hdd"}},
		corev1.NodeSelectorRequirement{Key: "rank", Operator: corev1.NodeSelectorOpGt, Values: []string{"3"}},
		corev1.NodeSelectorRequirement{Key: "rank", Operator: corev1.NodeSelectorOpLt, Values: []string{"9"}})}}
}

func (m mixer) nodeAffinity(pod *corev1.Pod) {
	affinity := &corev1.NodeAffinity{}
	if m.oneIn(2) {
		affinity.RequiredDuringSchedulingIgnoredDuringExecution = &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{m.nodeTerm()}}
	}
	for range m.IntN(3) {
		affinity.PreferredDuringSchedulingIgnoredDuringExecution = append(affinity.PreferredDuringSchedulingIgnoredDuringExecution,
			corev1.PreferredSchedulingTerm{Weight: 1 + m.Int32N(100), Preference: m.nodeTerm()})
	}
	m.affinity(pod).NodeAffinity = affinity
}

func (m mixer) tolerations(pod *corev1.Pod) {
	pod.Spec.Tolerations = append(pod.Spec.Tolerations, pick(m,
		corev1.Toleration{Key: "arch", Operator: corev1.TolerationOpEqual, Value: "arm64", Effect: corev1.TaintEffectNoSchedule},
		corev1.Toleration{Key: "dedicated", Operator: corev1.TolerationOpExists},
		corev1.Toleration{Key: "spot", Operator: corev1.TolerationOpExists},
		corev1.Toleration{Key: "node.kubernetes.io/unschedulable", Operator: corev1.TolerationOpExists},
		corev1.Toleration{Operator: corev1.TolerationOpExists}))
}

func (m mixer) hostPort(pod *corev1.Pod) {
	pod.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 80, HostPort: pick(m, int32(8080), int32(8081)),
		Protocol: pick(m, corev1.ProtocolTCP, corev1.ProtocolUDP), HostIP: pick(m, "", "", "127.0.0.1")}}
}

func (m mixer) podTerm() corev1.PodAffinityTerm {
	term := corev1.PodAffinityTerm{LabelSelector: m.selector(), TopologyKey: m.topologyKey()}
	switch m.IntN(5) {
	case 0:
		term.Namespaces = []string{"default", "team-b"}
	case 1:
		term.NamespaceSelector = pick(m, &metav1.LabelSelector{}, &metav1.LabelSelector{MatchLabels: map[string]string{"team": "a"}})
	case 2:
		term.MatchLabelKeys = []string{"tier"}
	}
	return term
}

func (m mixer) weightedPodTerms() []corev1.WeightedPodAffinityTerm {
	var terms []corev1.WeightedPodAffinityTerm
	for range m.IntN(3) {
		terms = append(terms, corev1.WeightedPodAffinityTerm{Weight: 1 + m.Int32N(100), PodAffinityTerm: m.podTerm()})
	}
	return terms
}

func (m mixer) podAffinity(pod *corev1.Pod) {
	affinity := &corev1.PodAffinity{PreferredDuringSchedulingIgnoredDuringExecution: m.weightedPodTerms()}
	if m.oneIn(2) {
		affinity.RequiredDuringSchedulingIgnoredDuringExecution = []corev1.PodAffinityTerm{m.podTerm()}
	}
	m.affinity(pod).PodAffinity = affinity
}

func (m mixer) podAntiAffinity(pod *corev1.Pod) {
	affinity := &corev1.PodAntiAffinity{PreferredDuringSchedulingIgnoredDuringExecution: m.weightedPodTerms()}
	if m.oneIn(3) {
		affinity.RequiredDuringSchedulingIgnoredDuringExecution = []corev1.PodAffinityTerm{m.podTerm()}
	}
	m.affinity(pod).PodAntiAffinity = affinity
}

func (m mixer) spread(pod *corev1.Pod) {
	for _, key := range []string{zoneKey, "kubernetes.io/hostname", "disk"} {
		if !m.oneIn(2) {
			continue
		}
		constraint := corev1.TopologySpreadConstraint{TopologyKey: key, MaxSkew: 1 + m.Int32N(3), LabelSelector: m.selector(),
			WhenUnsatisfiable: pick(m, corev1.DoNotSchedule, corev1.ScheduleAnyway)}
		if constraint.WhenUnsatisfiable == corev1.DoNotSchedule && m.oneIn(3) {
			constraint.MinDomains = ptr.To(2 + m.Int32N(3))
		}
		if m.oneIn(3) {
			constraint.NodeAffinityPolicy = ptr.To(corev1.NodeInclusionPolicyIgnore)
		}
		if m.oneIn(3) {
			constraint.NodeTaintsPolicy = ptr.To(corev1.NodeInclusionPolicyHonor)
		}
		if m.oneIn(3) {
			constraint.MatchLabelKeys = []string{"tier"}
		}
		pod.Spec.TopologySpreadConstraints = append(pod.Spec.TopologySpreadConstraints, constraint)
	}
}

func (m mixer) priority(pod *corev1.Pod) {
	pod.Spec.PriorityClassName = pick(m, "low", "low", "high", "high", "patient")
}

func (m mixer) volume(pod *corev1.Pod) {
	pod.Namespace = "default"
	pod.Spec.Volumes = []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: pick(m, "zonal", "exclusive", "absent")}}}}
}
