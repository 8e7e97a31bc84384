package harness

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
)

// ProxiedKubeconfig returns a kubeconfig of heat-scheduler that leads through a proxy of that name: `between` gets each request, and
// kube-apiserver as the handler that can answer it.
func (c *Cluster) ProxiedKubeconfig(name string, between func(w http.ResponseWriter, r *http.Request, server http.Handler)) string {
	c.t.Helper()
	target, err := url.Parse(c.Plane.URL())
	if err != nil {
		c.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(c.Plane.cert.pem)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.FlushInterval = -1 // Watches are told at once.
	proxy.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		between(w, r, proxy)
	}))
	cert := newCertificate(c.t, c.Dir, name)
	pair, err := tls.LoadX509KeyPair(cert.certFile, cert.keyFile)
	if err != nil {
		c.t.Fatal(err)
	}
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.StartTLS()
	c.t.Cleanup(server.CloseClientConnections)
	c.t.Cleanup(server.Close)
	return writeKubeconfig(c.t, filepath.Join(c.Dir, name+".kubeconfig"), server.URL, cert, tokenOf(c.t, c.SchedulerKubeconfig))
}
