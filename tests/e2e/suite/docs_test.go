package suite

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	. "heat-scheduler/tests/e2e/suite/harness"
)

const besidePage = "docs/running-beside-kube-scheduler.md"

// What a page shows of the run in which it was written, and the next run does not repeat: times, ages, ports, process numbers.
var ofOneRun = regexp.MustCompile(`\b[IWE]\d{4} [0-9:.]+\s+\d+\]|\b\w{3}, \d\d \w{3} \d{4} [0-9:]+ \+0000|\b(\d+[smh])+\b|127\.0\.0\.1:\d+`)

func sameButForTheRun(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(ofOneRun.ReplaceAllString(line, "?")), " ")
	}
	return strings.Join(lines, "\n")
}

// The page is a transcript: its commands are run here, and print what it says. UPDATE_GOLDEN=1 writes down what they print.
func TestDocumentation(t *testing.T) {
	c := NewCluster(t, Options{Controllers: true, WithoutRole: true})
	c.Plane.StartKubeScheduler()
	c.Kubectl("apply", "-f", "examples/nodes.yaml")
	c.Kubectl("wait", "--for=condition=Ready", "nodes", "--all", "--timeout=60s")
	Eventually(t, time.Minute, "the controllers have taken their taint off the nodes", func() bool {
		return !strings.Contains(c.Kubectl("get", "nodes", "-o", "jsonpath={.items[*].spec.taints[*].key}"), "node.kubernetes.io/")
	})
	// The commands are given in the root of the tree; what they write is to be elsewhere.
	folder := filepath.Join(c.Dir, "page")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"deploy", "examples"} {
		if err := os.Symlink(filepath.Join(Root(), name), filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("KUBECONFIG", c.Kubeconfig)
	t.Setenv("PATH", filepath.Dir(HeatBinary("x"))+":"+os.Getenv("PATH"))

	var page strings.Builder
	page.Grow(1 << 14)
	lines := strings.Split(strings.TrimSuffix(ReadFile(t, besidePage), "\n"), "\n")
	inside := false
	for i := 0; i < len(lines); {
		line := lines[i]
		i++
		if strings.HasPrefix(line, "```") {
			inside = line == "```console"
		}
		fmt.Fprintln(&page, line)
		command, isCommand := strings.CutPrefix(line, "$ ")
		if !inside || !isCommand {
			continue
		}
		begin := i
		for !strings.HasPrefix(lines[i], "$ ") && lines[i] != "```" {
			i++
		}
		fmt.Fprint(&page, runAsShown(t, folder, command, strings.Join(lines[begin:i], "\n")))
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(filepath.Join(Root(), besidePage), []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c.Check()
}

// runAsShown runs a command, again and again until it prints what is expected or ten seconds are over, and returns what it printed
// last. A command that ends with & runs until the test ends.
func runAsShown(t *testing.T, folder, command, expected string) string {
	t.Helper()
	if background, isBackground := strings.CutSuffix(command, " &"); isBackground {
		StartProcess(t, folder, "background", "bash", "-c", "exec "+background)
		return ""
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		shell := exec.CommandContext(t.Context(), "bash", "-c", command)
		shell.Dir = folder
		output, err := shell.CombinedOutput()
		got := strings.TrimRight(string(output), "\n")
		if got != "" {
			got += "\n"
		}
		if err == nil && sameButForTheRun(got) == sameButForTheRun(expected) {
			return got
		}
		// What changes something is not repeated.
		reads := regexp.MustCompile(`^(kubectl (get|describe|events|wait)|grep)\b`).MatchString(command)
		if !reads || time.Now().After(deadline) {
			if err != nil || os.Getenv("UPDATE_GOLDEN") == "" {
				t.Errorf("%s: $ %s\nprints (%v)\n%s\ninstead of\n%s", besidePage, command, err, got, expected)
			}
			return got
		}
	}
}
