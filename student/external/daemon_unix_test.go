//go:build unix

package external_test

import "syscall"

// startDaemon is startChild for a process of a session of its own.
func startDaemon(file string) error { return startChild(file, &syscall.SysProcAttr{Setsid: true}) }
