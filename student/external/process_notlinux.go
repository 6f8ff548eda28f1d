//go:build unix && !linux

package external

import "syscall"

// dieWithParent does nothing: this system cannot bind the life of a process to that of its parent.
func dieWithParent(*syscall.SysProcAttr) {}
