package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// A testCase is an entry of a workload file; see bench/workloads/README.md.
type testCase struct {
	Name                   string      `json:"name"`
	Labels                 []string    `json:"labels"`
	SchedulerConfigPath    string      `json:"schedulerConfigPath"`
	DefaultPodTemplatePath string      `json:"defaultPodTemplatePath"`
	WorkloadTemplate       []operation `json:"workloadTemplate"`
	Workloads              []workload  `json:"workloads"`

	folder string // That its paths are relative to.
}

type workload struct {
	Name   string         `json:"name"`
	Labels []string       `json:"labels"`
	Params map[string]int `json:"params"`
	Expect ending         `json:"expect"`

	testCase *testCase
}

// An ending is how many pods there are on nodes and on none when a workload has run, and how many had to leave.
type ending struct {
	Placed  int `json:"placed"`
	Pending int `json:"pending"`
	Evicted int `json:"evicted"`
}

// An operation has the fields of all opcodes; each opcode reads its own.
type operation struct {
	Opcode string `json:"opcode"`

	Count      *int   `json:"count"`
	CountParam string `json:"countParam"`

	NodeTemplatePath         string `json:"nodeTemplatePath"`
	LabelNodePrepareStrategy *struct {
		LabelKey    string   `json:"labelKey"`
		LabelValues []string `json:"labelValues"`
	} `json:"labelNodePrepareStrategy"`
	NodeAllocatableStrategy *struct {
		NodeAllocatable    map[string]string `json:"nodeAllocatable"`
		CSINodeAllocatable map[string]struct {
			Count int32 `json:"count"`
		} `json:"csiNodeAllocatable"`
	} `json:"nodeAllocatableStrategy"`

	Prefix                string `json:"prefix"`
	NamespaceTemplatePath string `json:"namespaceTemplatePath"`

	Namespace                         string `json:"namespace"`
	PodTemplatePath                   string `json:"podTemplatePath"`
	PersistentVolumeTemplatePath      string `json:"persistentVolumeTemplatePath"`
	PersistentVolumeClaimTemplatePath string `json:"persistentVolumeClaimTemplatePath"`
	CollectMetrics                    bool   `json:"collectMetrics"`
	SkipWaitToCompletion              bool   `json:"skipWaitToCompletion"`

	NamespacePrefix string     `json:"namespacePrefix"`
	CreatePodsOp    *operation `json:"createPodsOp"`

	TemplatePath     string `json:"templatePath"`
	StageRequirement string `json:"stageRequirement"`

	Mode              string   `json:"mode"`
	Number            int      `json:"number"`
	TemplatePaths     []string `json:"templatePaths"`
	IntervalPods      *int     `json:"intervalPods"`
	IntervalPodsParam string   `json:"intervalPodsParam"`

	OfOp   int `json:"ofOp"`
	Stride int `json:"stride"`
}

// loadWorkloads reads all workload files of a folder. A key that it does not know is an error.
func loadWorkloads(folder string) ([]*workload, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no workload files (*.yaml)", folder)
	}
	var all []*workload
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		found, err := parseWorkloads(text, folder)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

func parseWorkloads(text []byte, folder string) ([]*workload, error) {
	var cases []testCase
	if err := yaml.UnmarshalStrict(text, &cases); err != nil {
		return nil, err
	}
	var all []*workload
	for i := range cases {
		cases[i].folder = folder
		for j := range cases[i].Workloads {
			cases[i].Workloads[j].testCase = &cases[i]
			all = append(all, &cases[i].Workloads[j])
		}
	}
	return all, nil
}

// fullName is `<case>/<workload>`.
func (w *workload) fullName() string { return w.testCase.Name + "/" + w.Name }

func (w *workload) labels() []string { return slices.Concat(w.testCase.Labels, w.Labels) }

// runnable is false where the workload needs a plugin that kube-scheduler does not have.
func (w *workload) runnable() bool { return w.testCase.SchedulerConfigPath == "" }

// number returns a number that is given itself or as "$parameter"; without either, the fallback.
func (w *workload) number(what string, value *int, param string, fallback int) (int, error) {
	if param == "" {
		if value == nil {
			return fallback, nil
		}
		return *value, nil
	}
	name, ok := strings.CutPrefix(param, "$")
	if !ok {
		return 0, fmt.Errorf("%s is %q: write a parameter as $name", what, param)
	}
	found, ok := w.Params[name]
	if !ok {
		return 0, fmt.Errorf("%s is $%s, which workload %s does not state", what, name, w.fullName())
	}
	return found, nil
}

func (w *workload) count(op *operation) (int, error) {
	return w.number("count", op.Count, op.CountParam, 1)
}

func (w *workload) interval(op *operation) (int, error) {
	k, err := w.number("intervalPods", op.IntervalPods, op.IntervalPodsParam, 0)
	if err == nil && k <= 0 {
		err = fmt.Errorf("%s has to state intervalPods, 1 or more", op.Opcode)
	}
	return k, err
}
