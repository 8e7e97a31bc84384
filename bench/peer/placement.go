package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/types"
)

// A placement is a decision: the pod and its node, which is empty where the pod fits nowhere.
type placement struct {
	pod  types.NamespacedName
	node string
}

// writePlacements writes a line for each: <namespace>/<pod> <node>, with - for no node.
func writePlacements(path string, placements []placement) error {
	var text strings.Builder
	for _, p := range placements {
		node := p.node
		if node == "" {
			node = "-"
		}
		fmt.Fprintf(&text, "%s %s\n", p.pod, node)
	}
	return os.WriteFile(path, []byte(text.String()), 0o644)
}

// readPlacements reads such lines. All pods have to have a node.
func readPlacements(path string) (map[types.NamespacedName]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	nodes := map[types.NamespacedName]string{}
	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		pod, node, ok := strings.Cut(lines.Text(), " ")
		namespace, name, named := strings.Cut(pod, "/")
		if !ok || !named || node == "" || node == "-" {
			return nil, fmt.Errorf("%s:%d: %q is not <namespace>/<pod> <node>", path, number, lines.Text())
		}
		nodes[types.NamespacedName{Namespace: namespace, Name: name}] = node
	}
	return nodes, lines.Err()
}
