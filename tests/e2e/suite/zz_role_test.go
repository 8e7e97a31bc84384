package suite

import (
	"flag"
	"testing"

	. "heat-scheduler/tests/e2e/suite/harness"
)

// Runs last: what deploy/rbac.yaml allows, some test has needed.
func TestZRoleHasNothingUnused(t *testing.T) {
	if flag.Lookup("test.run").Value.String() != "" {
		t.Skip("not all tests were run")
	}
	for _, permission := range UnusedPermissions(t) {
		t.Errorf("deploy/rbac.yaml allows heat-scheduler to %s, which it never needed", permission)
	}
}
