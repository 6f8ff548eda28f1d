package machine

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestAvailable(t *testing.T) {
	if m := Available(); m.Bytes < 1<<20 || m.Source == "" {
		t.Errorf("%+v", m)
	}
	before := debug.SetMemoryLimit(3 << 30)
	defer debug.SetMemoryLimit(before)
	if m := Available(); m != (Memory{3 << 30, "GOMEMLIMIT"}) {
		t.Errorf("%+v, want the limit of the environment", m)
	}
	if known(math.MaxUint64, nil) != 0 {
		t.Error("an unlimited control group has a limit")
	}
}
