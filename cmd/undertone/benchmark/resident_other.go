//go:build !unix

package main

import (
	"os"
	"time"
)

func resident(*os.ProcessState) int64 { return 0 } // not known

var started = time.Now()

// cpuSeconds returns the time since the start, where the CPU time is not known.
func cpuSeconds() float64 { return time.Since(started).Seconds() }
