package harness

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// SchedulerUser is who heat-scheduler is with the role of deploy/rbac.yaml.
const SchedulerUser = "system:serviceaccount:kube-system:heat-scheduler"

const (
	adminToken         = "admin-of-the-suite"
	kubeSchedulerToken = "kube-scheduler-of-the-suite"
	startLimit         = 3 * time.Minute
)

// ControlPlane is real Kubernetes: etcd and kube-apiserver with RBAC, and what was asked for beside them.
type ControlPlane struct {
	Etcd      *Process
	APIServer *Process

	t         testing.TB
	dir       string
	etcdURL   string
	port      int
	cert      certificate
	auditLog  string
	flags     []string
	transport *http.Transport
	// When kube-apiserver was starting: it answers before it knows its own rules, and denies then what it allows later.
	starting []interval
}

type interval struct{ begin, end time.Time }

// NewCluster starts real Kubernetes, applies deploy/rbac.yaml and gives heat-scheduler a token of its service account. The role is
// compared with the requests really made when the test ends.
func NewCluster(t testing.TB, options Options) *Cluster {
	t.Helper()
	dir := newDir(t)
	p := &ControlPlane{t: t, dir: dir, port: FreePort(t), auditLog: filepath.Join(dir, "audit.log")}
	c := &Cluster{Server: KubeAPIServer, Dir: dir, t: t, Plane: p}
	p.startEtcd()
	p.configure(options)
	p.StartAPIServer()

	c.Kubeconfig = p.kubeconfig("admin", adminToken)
	c.Client = newClient(t, c.Kubeconfig)
	c.History = newHistory(t)
	c.History.followEtcd(p.etcdURL)
	if !options.NoKubelets {
		// One fake kubelet for all nodes.
		StartProcess(t, dir, "kwok", component("kwok"), "--kubeconfig", c.Kubeconfig, "--manage-all-nodes", "--node-lease-duration-seconds=40",
			"--config", filepath.Join(Root(), "tests/e2e/kwok/stages.yaml"))
	}
	if options.Controllers {
		p.startControllerManager(c.Kubeconfig)
		Eventually(t, startLimit, "the service account default exists", func() bool {
			_, err := c.Client.CoreV1().ServiceAccounts("default").Get(c.Ctx(), "default", metav1.GetOptions{})
			return err == nil
		})
	}
	Eventually(t, startLimit, "the namespaces default and kube-system exist", func() bool {
		_, err := c.Client.CoreV1().Namespaces().Get(c.Ctx(), "default", metav1.GetOptions{})
		_, err2 := c.Client.CoreV1().Namespaces().Get(c.Ctx(), "kube-system", metav1.GetOptions{})
		return err == nil && err2 == nil
	})
	if !options.WithoutRole {
		c.deployRole()
	}
	t.Cleanup(func() { p.judgeAudit() })
	return c
}

// deployRole applies deploy/rbac.yaml and writes the kubeconfig of its service account.
func (c *Cluster) deployRole() {
	c.t.Helper()
	c.Kubectl("apply", "-f", "deploy/rbac.yaml")
	hour := int64(3600)
	token, err := c.Client.CoreV1().ServiceAccounts("kube-system").CreateToken(c.Ctx(), "heat-scheduler",
		&authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &hour}}, metav1.CreateOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	c.SchedulerKubeconfig = c.Plane.kubeconfig("heat-scheduler", token.Status.Token)
}

func (p *ControlPlane) startEtcd() {
	p.t.Helper()
	p.etcdURL = loopbackURL("http", FreePort(p.t))
	peerURL := loopbackURL("http", FreePort(p.t))
	p.Etcd = StartProcess(p.t, p.dir, "etcd", component("etcd"), "--data-dir", filepath.Join(p.dir, "etcd"), "--log-level=warn",
		"--listen-client-urls", p.etcdURL, "--advertise-client-urls", p.etcdURL, "--listen-peer-urls", peerURL,
		"--initial-advertise-peer-urls", peerURL, "--initial-cluster", "default="+peerURL,
		"--unsafe-no-fsync", "--quota-backend-bytes=4294967296")
	p.waitUntilHealthy(p.Etcd, p.etcdURL+"/health")
}

// configure writes the files that kube-apiserver reads and decides its flags.
func (p *ControlPlane) configure(options Options) {
	p.t.Helper()
	p.cert = newCertificate(p.t, p.dir, "kube-apiserver")
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(p.cert.pem)
	p.transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}

	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		p.t.Fatal(err)
	}
	keyFile := filepath.Join(p.dir, "service-account.key")
	writeFile(p.t, keyFile, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	tokens := filepath.Join(p.dir, "tokens.csv")
	writeFile(p.t, tokens, []byte(adminToken+",admin,1,system:masters\n"+kubeSchedulerToken+",system:kube-scheduler,2\n"))
	policy := filepath.Join(p.dir, "audit-policy.yaml")
	writeFile(p.t, policy, []byte(auditPolicy))

	p.flags = []string{
		"--etcd-servers", p.etcdURL,
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
		"--secure-port", fmt.Sprint(p.port),
		"--tls-cert-file", p.cert.certFile, "--tls-private-key-file", p.cert.keyFile,
		"--cert-dir", p.dir,
		"--service-cluster-ip-range=10.0.0.0/24",
		"--authorization-mode=RBAC", "--token-auth-file", tokens,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file", keyFile, "--service-account-signing-key-file", keyFile,
		"--audit-policy-file", policy, "--audit-log-path", p.auditLog, "--audit-log-mode=blocking",
		"--allow-privileged",
		"--max-requests-inflight=0", "--max-mutating-requests-inflight=0", "--enable-priority-and-fairness=false",
	}
	if !options.Controllers {
		// Both wait for kube-controller-manager: for service accounts, and to take the taint off new nodes.
		p.flags = append(p.flags, "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition")
	}
	p.flags = append(p.flags, options.ExtraAPIServerFlags...)
}

// StartAPIServer starts kube-apiserver, on the same port each time, and waits until it is ready.
func (p *ControlPlane) StartAPIServer() {
	p.t.Helper()
	begin := time.Now()
	p.APIServer = StartProcess(p.t, p.dir, "kube-apiserver", component("kube-apiserver"), p.flags...)
	p.waitUntilHealthy(p.APIServer, loopbackURL("https", p.port)+"/readyz")
	p.starting = append(p.starting, interval{begin, time.Now()})
}

func (p *ControlPlane) startControllerManager(kubeconfig string) {
	p.t.Helper()
	StartProcess(p.t, p.dir, "kube-controller-manager", component("kube-controller-manager"),
		"--kubeconfig", kubeconfig, "--leader-elect=false", "--bind-address=127.0.0.1",
		"--secure-port", fmt.Sprint(FreePort(p.t)), "--authentication-skip-lookup", "--cert-dir", p.dir,
		"--kube-api-qps=1000", "--kube-api-burst=1000",
		"--service-account-private-key-file", filepath.Join(p.dir, "service-account.key"))
}

// StartKubeScheduler starts kube-scheduler beside heat-scheduler, with extra flags behind the suite's own.
func (p *ControlPlane) StartKubeScheduler(flags ...string) *Process {
	p.t.Helper()
	port := FreePort(p.t)
	process := StartProcess(p.t, p.dir, "kube-scheduler", component("kube-scheduler"), append([]string{
		"--kubeconfig", p.kubeconfig("kube-scheduler", kubeSchedulerToken), "--leader-elect=false", "--bind-address=127.0.0.1",
		"--secure-port", fmt.Sprint(port), "--authentication-skip-lookup", "--cert-dir", p.dir,
		"--authorization-always-allow-paths=/readyz"}, flags...)...)
	insecure := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // It makes its own certificate.
	p.waitUntilHealthyBy(insecure, process, loopbackURL("https", port)+"/readyz")
	return process
}

// Compact lets etcd forget every revision before its newest.
func (p *ControlPlane) Compact() {
	p.t.Helper()
	revision, err := etcdRevision(p.etcdURL)
	if err == nil {
		err = etcdCompact(p.etcdURL, revision)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// URL returns the address of kube-apiserver.
func (p *ControlPlane) URL() string { return loopbackURL("https", p.port) }

func (p *ControlPlane) waitUntilHealthy(process *Process, url string) {
	p.t.Helper()
	p.waitUntilHealthyBy(p.transport, process, url)
}

func (p *ControlPlane) waitUntilHealthyBy(transport *http.Transport, process *Process, url string) {
	p.t.Helper()
	client := &http.Client{Timeout: 5 * time.Second}
	if transport != nil {
		client.Transport = transport
	}
	Eventually(p.t, startLimit, process.Name+" is healthy", func() bool {
		if !process.Running() {
			p.t.Fatalf("%s ended at its start", process.Name)
		}
		request, _ := http.NewRequest(http.MethodGet, url, nil)
		request.Header.Set("Authorization", "Bearer "+adminToken)
		response, err := client.Do(request)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, response.Body)
		return response.StatusCode == http.StatusOK
	})
}

// kubeconfig writes the kubeconfig of a user of kube-apiserver and returns its path.
func (p *ControlPlane) kubeconfig(user, token string) string {
	return writeKubeconfig(p.t, filepath.Join(p.dir, user+".kubeconfig"), p.URL(), p.cert, token)
}

func writeKubeconfig(t testing.TB, path, server string, trusted certificate, token string) string {
	t.Helper()
	config := api.NewConfig()
	config.Clusters["e2e"] = &api.Cluster{Server: server, CertificateAuthorityData: trusted.pem}
	config.AuthInfos["e2e"] = &api.AuthInfo{Token: token}
	config.Contexts["e2e"] = &api.Context{Cluster: "e2e", AuthInfo: "e2e"}
	config.CurrentContext = "e2e"
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// tokenOf returns the token of a kubeconfig that the suite wrote.
func tokenOf(t testing.TB, path string) string {
	t.Helper()
	config, err := clientcmd.LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(config.AuthInfos["e2e"].Token)
}

// ExecKubeconfig writes a kubeconfig for the scheduler's own user in which a shell script says who that is, its token in $TOKEN, and
// returns its path.
func (c *Cluster) ExecKubeconfig(script string) string {
	c.t.Helper()
	config, err := clientcmd.LoadFromFile(c.SchedulerKubeconfig)
	if err != nil {
		c.t.Fatal(err)
	}
	config.AuthInfos["e2e"] = &api.AuthInfo{Exec: &api.ExecConfig{
		APIVersion: "client.authentication.k8s.io/v1", InteractiveMode: api.NeverExecInteractiveMode,
		Command: "sh", Args: []string{"-c", script},
		Env: []api.ExecEnvVar{{Name: "TOKEN", Value: tokenOf(c.t, c.SchedulerKubeconfig)}},
	}}
	path := filepath.Join(c.Dir, "exec.kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		c.t.Fatal(err)
	}
	return path
}
