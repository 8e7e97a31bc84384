package suite

import (
	"net/http"
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
