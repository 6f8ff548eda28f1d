package report

import (
	"math"
	"math/rand/v2"
	"reflect"
	"regexp"
	"testing"

	"github.com/undertone-audit/undertone/internal/escape"
)

var drawnNumber = regexp.MustCompile(`(?i) (d|x|y|viewBox|stroke-width|font-size)="[^"]*(nan|inf)[^"]*"`)

// A report may hold any numbers and lists, because anybody can compute its digest. No format fails
// on it, and no figure has a number that a browser cannot read.
func TestHostileReports(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	extremes := []float64{0, -1, 1, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 1e300, 1e-300, 0.5}
	counts := []int64{0, 1, -1, math.MaxInt64, math.MinInt64, 7}
	changes := map[string]func(reflect.Value){
		"one extreme": func(v reflect.Value) {
			if v.Kind() == reflect.Float64 {
				v.SetFloat(math.MaxFloat64)
			}
		},
		"any numbers": func(v reflect.Value) {
			switch v.Kind() {
			case reflect.Float64:
				v.SetFloat(extremes[rng.IntN(len(extremes))])
			case reflect.Int:
				if v.Type() == reflect.TypeFor[int]() {
					v.SetInt(counts[rng.IntN(len(counts))])
				}
			}
		},
		"no lists": func(v reflect.Value) {
			if v.Kind() == reflect.Slice {
				v.SetZero()
			}
		},
		"short lists": func(v reflect.Value) {
			if v.Kind() == reflect.Slice && v.Len() > 0 && rng.IntN(2) == 0 {
				v.Set(v.Slice(0, rng.IntN(v.Len())))
			}
		},
		"nothing where something may be missing": func(v reflect.Value) {
			if v.Kind() == reflect.Pointer && v.CanSet() && rng.IntN(2) == 0 {
				v.SetZero()
			}
		},
	}
	for name, saved := range reports(t) {
		for reason, change := range changes {
			bad := escape.Strings(saved, func(s string) string { return s }) // a copy
			each(reflect.ValueOf(bad).Elem(), 0, change)
			for _, f := range Formats() {
				page := render(t, bad, Format(f))
				if found := drawnNumber.FindString(page); found != "" {
					t.Errorf("%s with %s as %s: %s", name, reason, f, found)
				}
			}
		}
	}
}

// each calls change for everything in v but the fields of Saved itself.
func each(v reflect.Value, depth int, change func(reflect.Value)) {
	if depth > 1 && v.CanSet() {
		change(v)
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			each(v.Elem(), depth+1, change)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				each(v.Field(i), depth+1, change)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			each(v.Index(i), depth+1, change)
		}
	}
}
