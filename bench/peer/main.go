// Command peer runs the workloads of bench/workloads through the real kube-scheduler in this process: its queue, cache,
// default profile and scheduling cycle, with this program in the place of the API server. `./run bench-peer` sets it beside
// heat-bench.
//
//	peer --workloads FOLDER --list
//	peer --workloads FOLDER --workload CASE/WORKLOAD [--mode all] [--seconds S] [--initial FILE] [--placements FILE]
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

func main() {
	if err := command(); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

func command() error {
	folder := flag.String("workloads", "bench/workloads", "the folder of the workload files")
	list := flag.Bool("list", false, "print the name and the labels of each workload that kube-scheduler can run, and end")
	name := flag.String("workload", "", "the workload to run, as <case>/<workload>")
	modeName := flag.String("mode", sampled.name, "sampled: as many nodes as kube-scheduler looks at by default; all: all of them")
	seconds := flag.Float64("seconds", 0, "measure for so long and withdraw the pods that were not tried by then; 0: all pods")
	initial := flag.String("initial", "", "a file that says on which nodes the pods before the measured ones are")
	placements := flag.String("placements", "", "a file to write the placements to")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}

	workloads, err := loadWorkloads(*folder)
	if err != nil {
		return err
	}
	if *list {
		for _, w := range workloads {
			if w.runnable() {
				fmt.Printf("%s\t%s\n", w.fullName(), strings.Join(w.labels(), ","))
			}
		}
		return nil
	}
	modes := map[string]mode{sampled.name: sampled, allNodes.name: allNodes}
	in, ok := modes[*modeName]
	if !ok {
		return fmt.Errorf("--mode is %q; it can be sampled or all", *modeName)
	}
	for _, w := range workloads {
		if w.fullName() == *name && w.runnable() {
			return runAndPrint(w, in, *seconds, *initial, *placements)
		}
	}
	return fmt.Errorf("--workload is %q, which is none of those that --list prints", *name)
}

func runAndPrint(w *workload, in mode, seconds float64, initial, placements string) error {
	var nodes map[types.NamespacedName]string
	if initial != "" {
		var err error
		if nodes, err = readPlacements(initial); err != nil {
			return err
		}
	}
	measured, placed, err := runWorkload(w, in, time.Duration(seconds*float64(time.Second)), nodes)
	if err != nil {
		return err
	}
	if placements != "" {
		if err := writePlacements(placements, placed); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(measured)
}
