//go:build !linux

package external

import "syscall"

// killDescendants does nothing: this system does not show the environment of processes.
func killDescendants(string) {}

// signalDescendants does nothing.
func signalDescendants(string, syscall.Signal) int { return 0 }
