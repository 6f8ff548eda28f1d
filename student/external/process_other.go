//go:build !unix

package external

import "os/exec"

// ownGroup does nothing: this system has no process groups.
func ownGroup(*exec.Cmd) {}

// guard does nothing.
func guard(*exec.Cmd, string) (release func()) { return func() {} }

// terminate ends the process. Processes that it started are not ended.
func terminate(cmd *exec.Cmd) error { return cmd.Process.Kill() }

// killGroup does nothing.
func killGroup(*exec.Cmd) {}
