package external

import "syscall"

// dieWithParent has the system kill the first process of the group when this process ends, however
// it ends.
func dieWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }
