package harness

import (
	"encoding/json"
	"strings"
	"time"
)

// Decision is what a heat-scheduler with --dry-run and --logging-format=json says of one attempt.
type Decision struct {
	Node    string   // The node chosen, or the one on which others have to leave.
	Best    []string // The nodes that were as good as the one chosen, itself included.
	Message string   // Why it fits nowhere.
	Victims []string // Those who have to leave, by name.
}

// AwaitDecision waits until the log has the first decision on a pod, given as namespace/name.
func (s *Scheduler) AwaitDecision(pod string) Decision {
	s.t.Helper()
	var line struct{ Msg, Pod, Node, Best, Err, Victims string }
	Eventually(s.t, time.Minute, s.Name+" decides on "+pod, func() bool {
		for text := range strings.Lines(s.Log()) {
			if !strings.Contains(text, pod) || !strings.HasSuffix(text, "\n") {
				continue
			}
			line.Node, line.Best, line.Err, line.Victims = "", "", "", ""
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				s.t.Fatalf("%s: %v", text, err)
			}
			if line.Pod == pod {
				return true
			}
		}
		return false
	})
	return Decision{Node: line.Node, Best: strings.Fields(line.Best), Message: line.Err, Victims: strings.Fields(line.Victims)}
}
