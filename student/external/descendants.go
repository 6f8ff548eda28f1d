package external

import "crypto/rand"

// markVariable is an environment variable of a program and of every process that it starts. Its
// value names the run of the program, so that a process is found which has left the process group,
// such as a session of its own (setsid). A process without the variable is not found.
const markVariable = "UNDERTONE_PROCESS"

// newMark returns the environment variable of a run of a program, with a value of its own.
func newMark() string { return markVariable + "=" + rand.Text() }
