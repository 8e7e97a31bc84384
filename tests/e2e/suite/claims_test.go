package suite

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "heat-scheduler/tests/e2e/suite/harness"
)

const storageClasses = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: local}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: made}
provisioner: csi.example.com
volumeBindingMode: WaitForFirstConsumer
`

const selectedNode = "volume.kubernetes.io/selected-node"

// localVolume returns a volume that one node reaches.
func localVolume(name, class, node string) *corev1.PersistentVolume {
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:         corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")},
			AccessModes:      []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			StorageClassName: class,
			PersistentVolumeSource: corev1.PersistentVolumeSource{
				Local: &corev1.LocalVolumeSource{Path: "/mnt/" + name},
			},
			NodeAffinity: &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
				MatchExpressions: []corev1.NodeSelectorRequirement{
					{Key: "kubernetes.io/hostname", Operator: corev1.NodeSelectorOpIn, Values: []string{node}},
				},
			}}}},
		},
	}
}

func createVolume(t *testing.T, c *Cluster, volume *corev1.PersistentVolume) {
	t.Helper()
	if _, err := c.Client.CoreV1().PersistentVolumes().Create(c.Ctx(), volume, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// createPodWithClaim creates a pod and the claim of its name.
func createPodWithClaim(t *testing.T, c *Cluster, name, class string) {
	t.Helper()
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes:      []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			StorageClassName: &class,
			Resources: corev1.VolumeResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")},
			},
		},
	}
	if _, err := c.Client.CoreV1().PersistentVolumeClaims("default").Create(c.Ctx(), claim, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	pod := Pod(name, "50m")
	pod.Spec.Volumes = []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: name}}}}
	c.CreatePods(pod)
}

func claimOf(t *testing.T, c *Cluster, name string) *corev1.PersistentVolumeClaim {
	t.Helper()
	claim, err := c.Client.CoreV1().PersistentVolumeClaims("default").Get(c.Ctx(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return claim
}

// Claims that wait for their first pod: heat-scheduler sets volumes aside for them and has one provisioned, the controller of volumes
// binds them, and the pods go where their volumes are.
func TestClaims(t *testing.T) {
	OnBoth(t, Options{Controllers: true}, func(t *testing.T, c *Cluster) {
		const volumes = 20
		c.CreateNodes(Node("node1", "4", "20"), Node("node2", "4", "30"), Node("node3", "4", "10"))
		c.Apply(storageClasses)
		for i := range volumes {
			// None on node3, the coolest.
			createVolume(t, c, localVolume(fmt.Sprintf("pv-%02d", i), "local", fmt.Sprintf("node%d", 1+i%2)))
		}
		s := c.StartScheduler()
		for i := range volumes + 1 {
			createPodWithClaim(t, c, fmt.Sprintf("data-%02d", i), "local")
		}
		c.ExpectAllBound(volumes, time.Minute)
		taken := map[string]string{}
		for _, pod := range c.History.Pods(func(pod *corev1.Pod) bool { return pod.Spec.NodeName != "" }) {
			claim := claimOf(t, c, pod.Name)
			if claim.Status.Phase != corev1.ClaimBound || taken[claim.Spec.VolumeName] != "" {
				t.Errorf("claim %s is %s, volume %q, which %q has", pod.Name, claim.Status.Phase, claim.Spec.VolumeName, taken[claim.Spec.VolumeName])
			}
			taken[claim.Spec.VolumeName] = pod.Name
			volume, err := c.Client.CoreV1().PersistentVolumes().Get(c.Ctx(), claim.Spec.VolumeName, metav1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			node := volume.Spec.NodeAffinity.Required.NodeSelectorTerms[0].MatchExpressions[0].Values[0]
			if pod.Spec.NodeName != node {
				t.Errorf("%s is on %s, its volume on %s", pod.Name, pod.Spec.NodeName, node)
			}
			if volume.Annotations["pv.kubernetes.io/bound-by-controller"] != "yes" {
				t.Errorf("volume %s does not say that a controller bound it: %v", volume.Name, volume.Annotations)
			}
		}
		// One claim is left over, and gets the next volume.
		createVolume(t, c, localVolume("pv-late", "local", "node2"))
		c.ExpectAllBound(volumes+1, time.Minute)

		createPodWithClaim(t, c, "made", "made")
		if c.Server == KubeAPIServer {
			// The provisioner of the class is this test.
			Eventually(t, time.Minute, "the claim says on which node", func() bool { return claimOf(t, c, "made").Annotations[selectedNode] == "node3" })
			if node := c.History.NodeOf("made"); node != "" {
				t.Errorf("the pod was bound to %s before its claim was", node)
			}
			volume := localVolume("made-for-it", "made", "node3")
			claim := claimOf(t, c, "made")
			volume.Annotations = map[string]string{"pv.kubernetes.io/provisioned-by": "csi.example.com"}
			volume.Spec.ClaimRef = &corev1.ObjectReference{Kind: "PersistentVolumeClaim", APIVersion: "v1", Namespace: "default", Name: "made", UID: claim.UID}
			createVolume(t, c, volume)
		}
		c.ExpectAllBound(volumes+2, time.Minute)
		if node := c.History.NodeOf("made"); node != "node3" {
			t.Errorf("the pod is on %s, its volume on node3", node)
		}
		if failed := s.Metric("heat_scheduler_volume_writes_total", `outcome="written"`); failed < volumes+2 {
			t.Errorf("claims of %v pods were written", failed)
		}
		c.Check()
	})
}
