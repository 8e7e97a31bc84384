package suite

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "heat-scheduler/tests/e2e/suite/harness"
)

// Who asks the secure port is known and judged by kube-apiserver, as kube-scheduler has it.
func TestSecurePortIsGuarded(t *testing.T) {
	c := NewCluster(t, Options{NoKubelets: true})
	s := c.StartScheduler("--authorization-always-allow-paths=/healthz,/livez,/readyz", "--authentication-token-webhook-cache-ttl=1s",
		"--authorization-webhook-cache-authorized-ttl=1s", "--authorization-webhook-cache-unauthorized-ttl=1s")
	c.Kubectl("create", "-f", "deploy/pages-reader.yaml")
	c.Kubectl("create", "-n", "default", "serviceaccount", "prometheus")
	hour := int64(3600)
	made, err := c.Client.CoreV1().ServiceAccounts("default").CreateToken(c.Ctx(), "prometheus",
		&authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &hour}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	token := made.Status.Token

	expect := func(token, path string, status int, text string) {
		t.Helper()
		if got, body := s.Ask(path, token); got != status || !strings.Contains(body, text) {
			t.Errorf("%s is answered with %d: %s", path, got, body)
		}
	}
	expect("", "/livez", http.StatusOK, "ok")
	expect("", "/metrics", http.StatusForbidden, `forbidden: User \"system:anonymous\" cannot get path \"/metrics\"`)
	expect("nobody's", "/metrics", http.StatusUnauthorized, `"message":"Unauthorized"`)
	expect(token, "/metrics", http.StatusForbidden, `forbidden: User \"system:serviceaccount:default:prometheus\" cannot get path`)

	c.Kubectl("create", "clusterrolebinding", "prometheus", "--clusterrole=heat-scheduler-pages-reader",
		"--serviceaccount=default:prometheus")
	Eventually(t, 30*time.Second, "the role lets it in", func() bool {
		status, body := s.Ask("/metrics", token)
		return status == http.StatusOK && strings.Contains(body, "scheduler_pending_pods{")
	})
	expect("", "/metrics", http.StatusForbidden, "system:anonymous")

	c.Kubectl("delete", "clusterrolebinding", "prometheus")
	Eventually(t, 30*time.Second, "without the role it is out", func() bool {
		status, _ := s.Ask("/metrics", token)
		return status == http.StatusForbidden
	})
}

// As on managed clusters, a program says who the scheduler is; it is asked again when that ends.
func TestCredentialsOfAProgram(t *testing.T) {
	c := NewCluster(t, Options{NoKubelets: true})
	c.CreateNodes(Node("node1", "4", "20"))
	runs := filepath.Join(c.Dir, "runs")
	kubeconfig := c.ExecKubeconfig(`echo run >> ` + runs + `
		printf '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
			"status": {"token": "%s", "expirationTimestamp": "%s"}}' "$TOKEN" "$(date -u -d '+12 seconds' +%FT%TZ)"`)
	s := c.LaunchScheduler("heat-scheduler", kubeconfig)
	s.WaitReady()
	ran := func() int {
		text, err := os.ReadFile(runs)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(text), "run")
	}
	if got := ran(); got != 1 {
		t.Errorf("the program ran %d times at the start", got)
	}
	c.CreatePods(Pod("one", "1"))
	c.ExpectAllBound(1, time.Minute)
	asked := 0
	Eventually(t, time.Minute, "the program is asked again", func() bool {
		// Each is somebody else, about whom the scheduler has to ask the API server.
		asked++
		s.Ask("/pending", fmt.Sprint("nobody", asked))
		return ran() >= 2
	})
	c.CreatePods(Pod("two", "1"))
	c.ExpectAllBound(2, time.Minute)
	c.Check()
}
