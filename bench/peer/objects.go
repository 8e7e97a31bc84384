package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"text/template"

	v1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/core/install" // The API server's defaults.
)

// A maker writes the objects of one workload from its templates.
type maker struct {
	workload  *workload
	templates map[string]*template.Template
	decoded   map[string]runtime.Object // By the text of the manifest.
}

func newMaker(w *workload) *maker {
	return &maker{workload: w, templates: map[string]*template.Template{}, decoded: map[string]runtime.Object{}}
}

var templateFuncs = template.FuncMap{
	"AddInt": func(numbers ...int) int {
		sum := 0
		for _, n := range numbers {
			sum += n
		}
		return sum
	},
	"MultiplyInt": func(numbers ...int) int {
		product := 1
		for _, n := range numbers {
			product *= n
		}
		return product
	},
	"SubtractInt": func(a, b int) int { return a - b },
	"DivideInt":   func(a, b int) int { return a / b },
	"Mod":         func(a, b int) int { return a % b },
}

// make returns object number `index` of `count` that operation `op` makes from a template, with the API server's defaults.
func (m *maker) make(path string, op, index, count int) (runtime.Object, error) {
	object, err := m.decode(path, index, count)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	object = object.DeepCopyObject()
	accessor, err := meta.Accessor(object)
	if err != nil {
		return nil, err
	}
	if accessor.GetName() == "" && accessor.GetGenerateName() != "" {
		accessor.SetName(fmt.Sprintf("%s%d-%d", accessor.GetGenerateName(), op, index))
	}
	return object, nil
}

func (m *maker) decode(path string, index, count int) (runtime.Object, error) {
	parsed, ok := m.templates[path]
	if !ok {
		text, err := os.ReadFile(filepath.Join(m.workload.testCase.folder, path))
		if err != nil {
			return nil, err
		}
		parsed, err = template.New(path).Funcs(templateFuncs).Option("missingkey=error").Parse(string(text))
		if err != nil {
			return nil, err
		}
		m.templates[path] = parsed
	}
	values := map[string]int{"Index": index, "Count": count, "Version": 0}
	for name, value := range m.workload.Params {
		values[name] = value
	}
	var manifest bytes.Buffer
	if err := parsed.Execute(&manifest, values); err != nil {
		return nil, err
	}
	object, ok := m.decoded[manifest.String()]
	if !ok {
		var err error
		object, _, err = clientscheme.Codecs.UniversalDeserializer().Decode(manifest.Bytes(), nil, nil)
		if err != nil {
			return nil, err
		}
		legacyscheme.Scheme.Default(object)
		m.decoded[manifest.String()] = object
	}
	return object, nil
}

// identify gives an object its UID, once it has its name and namespace: <kind>/<namespace>/<name>.
func identify(object runtime.Object) error {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	uid := reflect.TypeOf(object).Elem().Name() + "/"
	if accessor.GetNamespace() != "" {
		uid += accessor.GetNamespace() + "/"
	}
	accessor.SetUID(types.UID(uid + accessor.GetName()))
	return nil
}

// node makes a node of createNodes as it is prepared there, and its CSINode, nil if it has none.
func (m *maker) node(op *operation, opIndex, index, count int) (*v1.Node, *storagev1.CSINode, error) {
	object, err := m.make(op.NodeTemplatePath, opIndex, index, count)
	if err != nil {
		return nil, nil, err
	}
	node, ok := object.(*v1.Node)
	if !ok {
		return nil, nil, fmt.Errorf("%s is a %T, not a Node", op.NodeTemplatePath, object)
	}
	metav1.SetMetaDataLabel(&node.ObjectMeta, v1.LabelHostname, node.Name)
	if labels := op.LabelNodePrepareStrategy; labels != nil {
		metav1.SetMetaDataLabel(&node.ObjectMeta, labels.LabelKey, labels.LabelValues[index%len(labels.LabelValues)])
	}
	if op.NodeAllocatableStrategy == nil {
		return node, nil, nil
	}
	for name, amount := range op.NodeAllocatableStrategy.NodeAllocatable {
		quantity, err := resource.ParseQuantity(amount)
		if err != nil {
			return nil, nil, fmt.Errorf("nodeAllocatable of %s: %w", name, err)
		}
		node.Status.Allocatable[v1.ResourceName(name)] = quantity
	}
	csiNode := &storagev1.CSINode{ObjectMeta: metav1.ObjectMeta{Name: node.Name}}
	for driver, allocatable := range op.NodeAllocatableStrategy.CSINodeAllocatable {
		csiNode.Spec.Drivers = append(csiNode.Spec.Drivers, storagev1.CSINodeDriver{
			Name: driver, NodeID: node.Name, Allocatable: &storagev1.VolumeNodeResources{Count: &allocatable.Count},
		})
	}
	return node, csiNode, nil
}

// pod makes a pod of createPods, and before it in the list the claim and the volume that it needs.
func (m *maker) pod(op *operation, opIndex, index, count int, namespace string) (*v1.Pod, []runtime.Object, error) {
	path := op.PodTemplatePath
	if path == "" {
		path = m.workload.testCase.DefaultPodTemplatePath
	}
	object, err := m.make(path, opIndex, index, count)
	if err != nil {
		return nil, nil, err
	}
	pod, ok := object.(*v1.Pod)
	if !ok {
		return nil, nil, fmt.Errorf("%s is a %T, not a Pod", path, object)
	}
	pod.Namespace = namespace
	if op.PersistentVolumeTemplatePath == "" {
		return pod, nil, nil
	}
	claimObject, err := m.make(op.PersistentVolumeClaimTemplatePath, opIndex, index, count)
	if err != nil {
		return nil, nil, err
	}
	volumeObject, err := m.make(op.PersistentVolumeTemplatePath, opIndex, index, count)
	if err != nil {
		return nil, nil, err
	}
	claim, isClaim := claimObject.(*v1.PersistentVolumeClaim)
	volume, isVolume := volumeObject.(*v1.PersistentVolume)
	if !isClaim || !isVolume {
		return nil, nil, fmt.Errorf("%s and %s have to be a PersistentVolumeClaim and a PersistentVolume",
			op.PersistentVolumeClaimTemplatePath, op.PersistentVolumeTemplatePath)
	}
	claim.Name, claim.Namespace = pod.Name+"-claim", namespace
	volume.Name = namespace + "-" + claim.Name
	if volume.Spec.CSI != nil {
		volume.Spec.CSI.VolumeHandle = volume.Name
	}
	if err := identify(claim); err != nil {
		return nil, nil, err
	}
	claim.Spec.VolumeName, claim.Status.Phase = volume.Name, v1.ClaimBound
	volume.Spec.ClaimRef = &v1.ObjectReference{
		APIVersion: "v1", Kind: "PersistentVolumeClaim", Namespace: namespace, Name: claim.Name, UID: claim.UID,
	}
	volume.Status.Phase = v1.VolumeBound
	pod.Spec.Volumes = []v1.Volume{{Name: "vol", VolumeSource: v1.VolumeSource{
		PersistentVolumeClaim: &v1.PersistentVolumeClaimVolumeSource{ClaimName: claim.Name},
	}}}
	return pod, []runtime.Object{claim, volume}, nil
}
