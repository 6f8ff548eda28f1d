//go:build unix

package external

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// guardScript reads a line from a pipe whose other end this process holds. Without a line, because
// this process ended, it kills a process group.
const guardScript = `read line || kill -s KILL -- "-$1"`

// guard makes sure that no process of a group outlives this process, however this process ends: a
// shell waits for that, and kills the group. release ends the shell; it is called when no process
// of the group is left. Without a shell there is no guard.
func guard(cmd *exec.Cmd) (release func()) {
	r, w, err := os.Pipe()
	if err != nil {
		return func() {}
	}
	defer r.Close()
	shell := exec.Command("/bin/sh", "-c", guardScript, "undertone-guard", strconv.Itoa(cmd.Process.Pid))
	shell.Stdin, shell.Env = r, []string{}
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt of the terminal does not end it
	if err := shell.Start(); err != nil {
		w.Close()
		return func() {}
	}
	return func() {
		_, _ = w.WriteString("\n")
		w.Close()
		_ = shell.Wait()
	}
}
