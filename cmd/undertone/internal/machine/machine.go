// Package machine measures the memory that a process may use.
package machine

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// Memory is an amount of memory and where it comes from.
type Memory struct {
	Bytes  int64
	Source string // such as "the control group"
}

// Available returns the memory that this process may use: the limit that the environment variable
// GOMEMLIMIT states, otherwise the smallest of the available memory of the machine, the limit of
// the control group, and the limit of the address space. Where nothing is known it returns
// [math.MaxInt64].
func Available() Memory {
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		return Memory{limit, "GOMEMLIMIT"}
	}
	least := Memory{math.MaxInt64, "no known limit"}
	for _, m := range []Memory{
		{available(), "available memory"},
		{known(memlimit.FromCgroup()), "the control group"},
		{known(memlimit.FromSystem()), "the machine"},
		{addressSpace(), "the limit of the address space"},
	} {
		if m.Bytes > 0 && m.Bytes < least.Bytes {
			least = m
		}
	}
	return least
}

// known returns a limit, or 0 if it is unknown.
func known(limit uint64, err error) int64 {
	if err != nil || limit > math.MaxInt64 {
		return 0
	}
	return int64(limit)
}

// available returns the memory that can be had without swapping, or 0 if it is unknown.
func available() int64 {
	text, err := os.ReadFile("/proc/meminfo") // Linux
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "MemAvailable:" {
			kilobytes, err := strconv.ParseInt(f[1], 10, 64)
			if err == nil {
				return kilobytes << 10
			}
		}
	}
	return 0
}
