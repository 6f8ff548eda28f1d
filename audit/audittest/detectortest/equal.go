package detectortest

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/undertone-audit/undertone/audit"
)

// varies names the fields that the order of rows may change: indices, and random relabellings with
// what is computed from them.
var varies = []string{"Index", "Relabelled", "NullQuantiles"}

// alike compares measurements. Numbers may differ by rounding, and the fields of varies in any way.
func alike(a, b reflect.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case reflect.Float64:
		x, y := a.Float(), b.Float()
		return x == y || math.Abs(x-y) <= 1e-6*(1+math.Abs(y))
	case reflect.Pointer, reflect.Interface:
		return a.IsNil() == b.IsNil() && (a.IsNil() || alike(a.Elem(), b.Elem()))
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !alike(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		for _, k := range a.MapKeys() {
			if v := b.MapIndex(k); !v.IsValid() || !alike(a.MapIndex(k), v) {
				return false
			}
		}
		return a.Len() == b.Len()
	case reflect.Struct:
		for i := range a.NumField() {
			if !slices.Contains(varies, a.Type().Field(i).Name) && !alike(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

// asJSON returns a value for messages and comparisons. Unlike a value that is printed, it holds no
// addresses.
func asJSON(v any) string {
	form, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%+v (not JSON: %v)", v, err)
	}
	return string(form)
}

// throughJSON returns a measurement after it was written as JSON and read again.
func throughJSON(s *suite, m audit.Measurement) audit.Measurement {
	s.Helper()
	form, err := json.Marshal(m)
	var read audit.Measurement
	if err == nil {
		err = json.Unmarshal(form, &read)
	}
	if err != nil {
		s.Errorf("the measurement does not survive JSON: %v", err)
	}
	return read
}
