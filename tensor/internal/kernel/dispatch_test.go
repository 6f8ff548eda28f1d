package kernel

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestFeaturesCanBeHidden runs this test in another process in which GODEBUG hides features of the
// processor. One machine can so test every path:
//
//	go test ./tensor/...
//	GODEBUG=cpu.avx512f=off go test ./tensor/...
//	GODEBUG=cpu.all=off go test ./tensor/...
//	go test -tags purego ./tensor/...
func TestFeaturesCanBeHidden(t *testing.T) {
	if os.Getenv("KERNEL_PRINT_ACTIVE") != "" {
		os.Stdout.WriteString("active=" + Active().String() + "\n")
		return
	}
	cases := []struct {
		godebug string
		want    []Implementation // any of them
	}{
		{"cpu.avx512f=off", []Implementation{AVX2, Generic}},
		{"cpu.avx2=off,cpu.avx512f=off", []Implementation{Generic}},
		{"cpu.all=off", []Implementation{Generic}},
	}
	for _, c := range cases {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFeaturesCanBeHidden$")
		cmd.Env = append(os.Environ(), "KERNEL_PRINT_ACTIVE=1", "GODEBUG="+c.godebug)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("GODEBUG=%s: %v\n%s", c.godebug, err, out)
		}
		_, name, _ := strings.Cut(string(out), "active=")
		name, _, _ = strings.Cut(name, "\n")
		if !slices.ContainsFunc(c.want, func(i Implementation) bool { return i.String() == name }) {
			t.Errorf("GODEBUG=%s: the active implementation is %q, want one of %v", c.godebug, name, c.want)
		}
	}
}

func TestUse(t *testing.T) {
	before := Active()
	defer Use(before)
	all := Available()
	if all[0] != Generic || before != all[len(all)-1] {
		t.Errorf("Available() = %v and Active() = %v at the start, want generic first and the last one active", all, before)
	}
	Use(Generic)
	if Active() != Generic {
		t.Errorf("Active() = %v after Use(Generic)", Active())
	}
	defer func() {
		if recover() == nil {
			t.Error("Use of an unknown implementation did not panic")
		}
	}()
	Use(Implementation(99))
}
