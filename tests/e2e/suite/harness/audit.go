package harness

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

// Only heat-scheduler's requests are of interest.
const auditPolicy = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- {level: Metadata, users: ["` + SchedulerUser + `"]}
- {level: None}
`

// Permission is one verb on one resource; a group or subresource that is empty is left out of the text.
type Permission struct {
	Verb, Group, Resource string // Resource as in rules: pods, pods/binding.
}

func (p Permission) String() string {
	resource := p.Resource
	if p.Group != "" {
		resource += "." + p.Group
	}
	return p.Verb + " " + resource
}

var (
	usedMutex sync.Mutex
	used      = map[Permission]bool{}
)

type auditEvent struct {
	Verb        string
	RequestURI  string
	ObjectRef   *struct{ Resource, Subresource, APIGroup, Namespace, Name string }
	Annotations map[string]string
	Received    time.Time `json:"requestReceivedTimestamp"`
}

// readAudit tells each request of heat-scheduler.
func readAudit(t testing.TB, path string, told func(auditEvent)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		return // It has made none.
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event auditEvent
		if json.Unmarshal(lines.Bytes(), &event) == nil { // A server that is killed leaves a broken line.
			told(event)
		}
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
}

// judgeAudit fails the test if a request of heat-scheduler was denied, and remembers what it used of its role.
func (p *ControlPlane) judgeAudit() {
	p.t.Helper()
	denied := map[string]bool{}
	readAudit(p.t, p.auditLog, func(event auditEvent) {
		starting := slices.ContainsFunc(p.starting, func(i interval) bool {
			return event.Received.After(i.begin) && event.Received.Before(i.end)
		})
		if event.Annotations["authorization.k8s.io/decision"] == "forbid" && !starting {
			denied[event.Verb+" "+event.RequestURI] = true
		}
		if ref := event.ObjectRef; ref != nil {
			resource := ref.Resource
			if ref.Subresource != "" {
				resource += "/" + ref.Subresource
			}
			usedMutex.Lock()
			used[Permission{event.Verb, ref.APIGroup, resource}] = true
			usedMutex.Unlock()
		}
	})
	for request := range denied {
		p.t.Errorf("deploy/rbac.yaml does not allow heat-scheduler to %s", request)
	}
}

// bindingsAsked returns the pods, as namespace/name, for which heat-scheduler asked for a binding.
func bindingsAsked(t testing.TB, path string) map[string]bool {
	t.Helper()
	asked := map[string]bool{}
	readAudit(t, path, func(event auditEvent) {
		if ref := event.ObjectRef; ref != nil && ref.Subresource == "binding" {
			asked[ref.Namespace+"/"+ref.Name] = true
		}
	})
	return asked
}

// ExpectOnlyReads fails the test if heat-scheduler has asked for anything to be changed.
func (c *Cluster) ExpectOnlyReads() {
	c.t.Helper()
	reads := 0
	readAudit(c.t, c.Plane.auditLog, func(event auditEvent) {
		if slices.Contains([]string{"get", "list", "watch"}, event.Verb) {
			reads++
		} else {
			c.t.Errorf("heat-scheduler asked to %s %s", event.Verb, event.RequestURI)
		}
	})
	if reads == 0 {
		c.t.Error("the audit log has no request of heat-scheduler")
	}
}

// UnusedPermissions returns what deploy/rbac.yaml allows and no request of the tests so far has needed.
func UnusedPermissions(t testing.TB) []string {
	t.Helper()
	usedMutex.Lock()
	defer usedMutex.Unlock()
	var unused []string
	for _, document := range strings.Split(ReadFile(t, "deploy/rbac.yaml"), "\n---\n") {
		var role rbacv1.ClusterRole // A Role has the same rules.
		if err := yaml.Unmarshal([]byte(document), &role); err != nil {
			t.Fatal(err)
		}
		for _, rule := range role.Rules {
			for _, group := range rule.APIGroups {
				for _, resource := range rule.Resources {
					for _, verb := range rule.Verbs {
						if p := (Permission{verb, group, resource}); !used[p] {
							unused = append(unused, fmt.Sprint(p))
						}
					}
				}
			}
		}
	}
	sort.Strings(unused)
	return unused
}
