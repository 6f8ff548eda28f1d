//go:build unix

package external

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// guardScript reads a line from a pipe whose other end this process holds. Without a line, because
// this process ended, it kills a process group, and the processes that have a mark in their
// environment where the system shows it. The last are looked for twice, because a process may start
// another one meanwhile.
const guardScript = `read line && exit
kill -s KILL -- "-$1"
for round in 1 2; do
	for file in $(grep -lsF -e "$2" /proc/[0-9]*/environ); do
		process="${file#/proc/}"
		kill -s KILL "${process%/environ}"
	done
done`

// guard makes sure that no process of a group, and on Linux no process with the mark, outlives this
// process, however this process ends: a shell waits for that, and kills them. release ends the
// shell; it is called when no process of the group is left. Without a shell there is no guard.
func guard(cmd *exec.Cmd, mark string) (release func()) {
	r, w, err := os.Pipe()
	if err != nil {
		return func() {}
	}
	defer r.Close()
	shell := exec.Command("/bin/sh", "-c", guardScript, "undertone-guard", strconv.Itoa(cmd.Process.Pid), mark)
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
