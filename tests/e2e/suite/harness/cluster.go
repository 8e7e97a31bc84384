// Package harness starts what the end-to-end tests need, on free ports of the loopback and in temporary folders, and stops it
// whatever happens: a control plane of real Kubernetes or heat-cluster, heat-scheduler beside it, and a record of every write.
package harness

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Names of the two servers.
const (
	KubeAPIServer = "kube-apiserver"
	HeatCluster   = "heat-cluster"
)

// Cluster is an API server with kubelets for its nodes, real or embedded.
type Cluster struct {
	Server     string // KubeAPIServer or HeatCluster.
	Dir        string // Logs and other files; kept if the test fails.
	Kubeconfig string // Of someone who may do everything.
	Client     kubernetes.Interface
	History    *History

	// SchedulerKubeconfig is what heat-scheduler runs with: where there is RBAC, its own service account.
	SchedulerKubeconfig string

	// Plane has the processes of real Kubernetes; nil for heat-cluster.
	Plane *ControlPlane

	t testing.TB
}

// Options of a cluster.
type Options struct {
	// Controllers starts kube-controller-manager. Without it there are no ReplicaSets' pods, no node life cycle and no service
	// accounts; the admission plugins that count on it are off.
	Controllers bool
	// NoKubelets leaves pods and nodes as they are: nothing becomes Running.
	NoKubelets bool
	// WithoutRole leaves deploy/rbac.yaml out; then there is no SchedulerKubeconfig.
	WithoutRole bool
	// ExtraAPIServerFlags go to kube-apiserver behind the suite's own.
	ExtraAPIServerFlags []string
}

// OnBoth runs a test on a cluster of each kind; the options are for the real one.
func OnBoth(t *testing.T, options Options, test func(t *testing.T, c *Cluster)) {
	t.Run(KubeAPIServer, func(t *testing.T) { test(t, NewCluster(t, options)) })
	t.Run(HeatCluster, func(t *testing.T) { test(t, NewHeatCluster(t)) })
}

// newDir makes the folder of a test. It stays if the test fails.
func newDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "heat-e2e-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			_ = os.RemoveAll(filepath.Join(dir, "etcd"))
			t.Logf("logs are kept in %s", dir)
			return
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// NewHeatCluster starts heat-cluster.
func NewHeatCluster(t testing.TB) *Cluster {
	t.Helper()
	dir := newDir(t)
	c := &Cluster{Server: HeatCluster, Dir: dir, t: t, Kubeconfig: filepath.Join(dir, "kubeconfig")}
	StartProcess(t, dir, "heat-cluster", HeatBinary("heat-cluster"), "--kubeconfig-out", c.Kubeconfig, "--pod-start-delay", "50ms", "--tls")
	Eventually(t, 20*time.Second, "heat-cluster serves", func() bool {
		_, err := os.Stat(c.Kubeconfig)
		return err == nil
	})
	c.SchedulerKubeconfig = c.Kubeconfig
	c.Client = newClient(t, c.Kubeconfig)
	c.History = newHistory(t)
	c.History.followAPI(c.Client)
	return c
}

// newClient returns a client without limits of its own. It writes JSON, which both servers read.
func newClient(t testing.TB, kubeconfig string) kubernetes.Interface {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1
	config.ContentConfig = rest.ContentConfig{ContentType: "application/json"}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// Kubectl runs the machine's kubectl and returns what it printed; a failure fails the test.
func (c *Cluster) Kubectl(args ...string) string {
	c.t.Helper()
	return c.KubectlInput("", args...)
}

// Apply applies a manifest.
func (c *Cluster) Apply(manifest string) {
	c.t.Helper()
	c.KubectlInput(manifest, "apply", "-f", "-")
}

// KubectlInput is Kubectl with something on its standard input.
func (c *Cluster) KubectlInput(input string, args ...string) string {
	c.t.Helper()
	command := exec.Command("kubectl", args...)
	command.Env = append(os.Environ(), "KUBECONFIG="+c.Kubeconfig)
	command.Dir = Root()
	command.Stdin = strings.NewReader(input)
	output, err := command.CombinedOutput()
	if err != nil {
		c.t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return string(output)
}

// Root returns the root of the tree.
func Root() string { return mustEnv("HEAT_ROOT") }

// ReadFile returns a file of the tree.
func ReadFile(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Root(), path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// HeatBinary returns the path of a program of this tree; component returns that of one of Kubernetes.
func HeatBinary(name string) string { return filepath.Join(mustEnv("HEAT_BIN"), name) }

func component(name string) string { return filepath.Join(mustEnv("HEAT_E2E_COMPONENTS"), name) }

func mustEnv(name string) string {
	value := os.Getenv(name)
	if value == "" {
		panic(fmt.Sprintf("%s is not set: run the suite by ./run e2e", name))
	}
	return value
}

// Eventually waits until the condition holds, and fails the test if it does not within the limit.
func Eventually(t testing.TB, limit time.Duration, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Check judges all that happened so far: the guarantees over the history (History.Check), and that heat-scheduler asked for no
// binding of a pod that is another scheduler's or has its node from elsewhere.
func (c *Cluster) Check() {
	c.t.Helper()
	c.History.Check(c.Dir)
	if c.Plane == nil {
		return
	}
	asked := bindingsAsked(c.t, c.Plane.auditLog)
	for _, pod := range c.History.Pods(func(pod *corev1.Pod) bool { return pod.Spec.SchedulerName != SchedulerName }) {
		if asked[pod.Namespace+"/"+pod.Name] {
			c.t.Errorf("heat-scheduler bound %s, which is %s's", pod.Name, pod.Spec.SchedulerName)
		}
	}
}

// ExpectCounted waits until the scheduler counts the nodes and the pods on them that the API has.
func (c *Cluster) ExpectCounted(s *Scheduler) {
	c.t.Helper()
	var nodes, pods float64
	defer func() {
		if c.t.Failed() {
			c.t.Logf("%s counts %v nodes and %v pods; there are %d and %d", s.Name, nodes, pods, c.History.Nodes(), c.History.Bound())
		}
	}()
	Eventually(c.t, time.Minute, s.Name+" counts what the API has", func() bool {
		nodes, pods = s.Metric("scheduler_cache_size", `type="nodes"`), s.Metric("scheduler_cache_size", `type="pods"`)
		return int(nodes) == c.History.Nodes() && int(pods) == c.History.Bound()
	})
}

// Ctx ends with the test.
func (c *Cluster) Ctx() context.Context { return c.t.Context() }
