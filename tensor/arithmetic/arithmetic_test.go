package arithmetic

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

func TestEngine(t *testing.T) {
	named := Engine("generic")
	if !strings.HasPrefix(named, "generic") || Engine(named) != named {
		t.Errorf("the engine generic is %q, and again %q", named, Engine(named))
	}
	switch {
	case runtime.GOARCH != "amd64" && named != "generic-"+runtime.GOARCH:
		t.Errorf("the engine on %s is %q", runtime.GOARCH, named)
	case name() == "unknown":
		t.Errorf("this version of Go, %s, has another math.Exp, with the hash %#x: add its name", runtime.Version(), expBits())
	}
}

func TestFuses(t *testing.T) {
	if got, want := fuses(1+0x1p-30, 1-0x1p-30, -1), math.FMA(1+0x1p-30, 1-0x1p-30, -1) != 0; !want || got && runtime.GOARCH == "amd64" && name() != "amd64v3" {
		t.Errorf("fused: %v; FMA can be told from two roundings: %v", got, want)
	}
}

// bits returns what depends on the arithmetic.
func bits() string {
	h := expBits()
	for i := range 2000 {
		x := 0.01 + float64(i)*0.0173
		for _, v := range []float64{math.Pow(x, 0.3), math.Erf(x), math.Tanh(x), math.Log(x), math.Log1p(x), math.Expm1(x), math.Sin(x), math.Cos(x), math.Hypot(x, 1), math.Gamma(x), math.Cbrt(x)} {
			h = (h ^ math.Float64bits(v)) * 1099511628211
		}
	}
	return fmt.Sprintf("%x", h)
}

// Two processes whose engines have one name compute the same bits. GODEBUG hides features of the
// processor.
func TestOneNameOneArithmetic(t *testing.T) {
	if os.Getenv("ARITHMETIC_PRINT") != "" {
		fmt.Printf("engine=%s %s\n", Engine("generic"), bits())
		return
	}
	found := map[string]string{}
	for _, godebug := range []string{"", "cpu.fma=off", "cpu.avx=off", "cpu.avx2=off", "cpu.all=off"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestOneNameOneArithmetic$")
		cmd.Env = append(os.Environ(), "ARITHMETIC_PRINT=1", "GODEBUG="+godebug)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Skipf("not checked: processes with other features: %v\n%s", err, out)
		}
		_, line, _ := strings.Cut(string(out), "engine=")
		line, _, _ = strings.Cut(line, "\n")
		engine, bits, ok := strings.Cut(line, " ")
		if !ok {
			t.Fatalf("%q prints %s", godebug, out)
		}
		if other, ok := found[engine]; ok && other != bits {
			t.Errorf("%q: the engine %s gives the bits %s and %s", godebug, engine, bits, other)
		}
		found[engine] = bits
	}
	if runtime.GOARCH == "amd64" && found["generic-nofma"] == found["generic"] && len(found) > 1 {
		t.Errorf("other names, but the same bits: %v", found)
	}
	t.Log(found)
}
