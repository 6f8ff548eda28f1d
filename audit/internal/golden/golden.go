// Package golden compares what tests make with files in testdata. The flag -update of go test
// rewrites the files.
package golden

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata")

// Read returns the content of a file in testdata.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Check fails the test if got is not the content of a file in testdata.
func Check(t testing.TB, name string, got []byte) {
	t.Helper()
	write(t, name, got)
	if !bytes.Equal(got, Read(t, name)) {
		t.Errorf("testdata/%s changed; rewrite it with go test -update:\n%s", name, got)
	}
}

// CheckJSON fails the test if got differs from the JSON in a file of testdata by more than the
// rounding of numbers: compilers and processors differ in where they fuse a multiplication with an
// addition. The fields "digest", which covers the last bits, and "engine", which names the
// arithmetic, are not compared at the top level.
func CheckJSON(t testing.TB, name string, got []byte) {
	t.Helper()
	write(t, name, got)
	read := func(text []byte) map[string]any {
		var fields map[string]any
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		delete(fields, "digest")
		delete(fields, "engine")
		return fields
	}
	if d := Difference(read(got), read(Read(t, name))); d != "" {
		t.Errorf("testdata/%s changed; rewrite it with go test -update:%s\n%s", name, d, got)
	}
}

func write(t testing.TB, name string, text []byte) {
	t.Helper()
	if !*update {
		return
	}
	if err := os.WriteFile(filepath.Join("testdata", name), text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Difference returns where two JSON values differ by more than rounding, and how, or "". Numbers
// are equal up to 1e-9, relative to want if it is larger than 1.
func Difference(got, want any) string {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok || len(got) != len(want) {
			break
		}
		for name := range want {
			if d := Difference(got[name], want[name]); d != "" {
				return "." + name + d
			}
		}
		return ""
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) != len(want) {
			break
		}
		for i := range want {
			if d := Difference(got[i], want[i]); d != "" {
				return fmt.Sprintf("[%d]%s", i, d)
			}
		}
		return ""
	case float64:
		if got, ok := got.(float64); ok && math.Abs(got-want) <= 1e-9*max(1, math.Abs(want)) {
			return ""
		}
	default:
		if got == want {
			return ""
		}
	}
	return fmt.Sprintf(" is %v, want %v", got, want)
}
