package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Process is a program that the suite started. It ends with the test at the latest, and with the suite if that is killed.
type Process struct {
	Name    string
	LogPath string // Standard output and standard error, of every start under this name.

	t      testing.TB
	cmd    *exec.Cmd
	exited chan struct{}
}

// A child with Pdeathsig dies with the thread that started it, so one thread, which never ends, starts them all.
var starts = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
})

// StartProcess starts a program whose log goes to dir/name.log; a second start under the same name appends to it.
func StartProcess(t testing.TB, dir, name, program string, args ...string) *Process {
	t.Helper()
	p := &Process{Name: name, LogPath: filepath.Join(dir, name+".log"), t: t, exited: make(chan struct{})}
	log, err := os.OpenFile(p.LogPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p.cmd = exec.Command(program, args...)
	p.cmd.Dir = dir
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	starts() <- func() { started <- p.cmd.Start() }
	if err := <-started; err != nil {
		t.Fatalf("starting %s: %v", name, err)
	}
	go func() {
		_ = p.cmd.Wait() // The exit status is in ProcessState.
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("the end of %s:\n%s", p.LogPath, p.logEnd(40))
		}
	})
	return p
}

// PID returns the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Running says whether it has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// Signal sends a signal.
func (p *Process) Signal(signal syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		p.t.Fatalf("signalling %s: %v", p.Name, err)
	}
}

// Kill ends it, paused or not, with all that it started, and waits. Without effect once it has ended.
func (p *Process) Kill() {
	if !p.Running() {
		return
	}
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.exited
}

// Terminate asks it to end and returns its exit code and how long that took; fails the test after limit.
func (p *Process) Terminate(limit time.Duration) (code int, took time.Duration) {
	p.t.Helper()
	begin := time.Now()
	p.Signal(syscall.SIGTERM)
	return p.WaitEnd(limit), time.Since(begin)
}

// WaitEnd waits until it has ended and returns its exit code; fails the test after limit.
func (p *Process) WaitEnd(limit time.Duration) int {
	p.t.Helper()
	select {
	case <-p.exited:
	case <-time.After(limit):
		p.t.Fatalf("%s did not end within %v", p.Name, limit)
	}
	return p.cmd.ProcessState.ExitCode()
}

// CPU returns the processor time that it has used so far.
func (p *Process) CPU() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID()))
	if err != nil {
		p.t.Fatal(err)
	}
	// Behind the name, which is in parentheses, utime and stime are the 12th and 13th field.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var user, system int64
	fmt.Sscan(fields[11], &user)
	fmt.Sscan(fields[12], &system)
	const ticksPerSecond = 100 // USER_HZ, the same on every architecture of Debian.
	return time.Duration(user+system) * time.Second / ticksPerSecond
}

// ResidentBytes returns the memory that it holds now.
func (p *Process) ResidentBytes() int64 {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.PID()))
	if err != nil {
		p.t.Fatal(err)
	}
	var size, resident int64
	fmt.Sscan(string(statm), &size, &resident)
	return resident * int64(os.Getpagesize())
}

// Log returns all that it has written.
func (p *Process) Log() string {
	text, err := os.ReadFile(p.LogPath)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

func (p *Process) logEnd(lines int) string {
	all := strings.Split(strings.TrimRight(p.Log(), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
