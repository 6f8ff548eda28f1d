package main

import (
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// unbounded are the numeric flags without a range: every number of their type is a value.
var unbounded = []string{"seed", "lora-seed"}

// Every numeric flag states its range, in its help too, so that no flag is left out of the check.
func TestEveryNumericFlagStatesItsRange(t *testing.T) {
	for verb, values := range verbNodes(t) {
		for _, v := range values {
			if !isNumber(v.Target.Type()) || slices.Contains(unbounded, v.Name) {
				continue
			}
			i, ok := intervalOf(v.Tag.Get("range"))
			if !ok {
				t.Errorf("%s --%s has no range", verb, v.Name)
			} else if !strings.Contains(v.Name, ".") && !strings.Contains(v.Help, i.text) { // docs/settings.md states those of settings
				t.Errorf("%s --%s: the help %q does not state %s", verb, v.Name, v.Help, i.text)
			}
		}
	}
}

// A number out of range is an error that names the flag, never the default. The table is that of
// the flags; the numbers that a flag accepts are in the range that its help states.
func TestNumbersOutOfRange(t *testing.T) {
	refused := 0
	for verb, values := range verbNodes(t) {
		for _, v := range values {
			if v.Flag == nil || !isNumber(v.Target.Type()) {
				continue
			}
			i, bounded := intervalOf(v.Tag.Get("range"))
			for text, number := range map[string]float64{"0": 0, "-1": -1, "1000000000000000000": 1e18, "NaN": math.NaN(), "+Inf": math.Inf(1), "-Inf": math.Inf(-1)} {
				if v.Target.Type() == reflect.TypeFor[[]float64]() && text == "0" {
					text = "0.5,0" // each number of a list is checked
				}
				if v.Target.Type() == reflect.TypeFor[time.Duration]() {
					text += "s"
				}
				if bounded && i.has(number) {
					continue
				}
				_, err := parse(t, verb, values, v, text)
				if err == nil && !bounded && number >= 0 {
					continue // a seed
				}
				if err == nil || !strings.Contains(err.Error(), "--"+v.Name) {
					t.Errorf("%s --%s=%s: error %v, want an error that names the flag", verb, v.Name, text, err)
				}
				refused++
			}
		}
	}
	if refused < 300 {
		t.Errorf("%d numbers were refused", refused)
	}
}

// parse parses a command line with the flag and those that its verb requires, and checks its
// numbers.
func parse(t *testing.T, verb string, values []*kong.Value, flag *kong.Value, text string) (*kong.Context, error) {
	t.Helper()
	args := append(strings.Fields(verb), fmt.Sprintf("--%s=%s", flag.Name, text))
	for _, v := range values {
		if v.Required && v.Name != flag.Name && v.Name != "prompts-from" {
			args = append(args, argument(v, "other"))
		}
	}
	parsed, err := newParser(console{stdout: io.Discard, stderr: io.Discard}, func(int) {}).Parse(args)
	if err != nil {
		return nil, err
	}
	return parsed, checkRanges(parsed)
}
