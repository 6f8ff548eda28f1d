package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/provenance"
)

// reread writes a report as JSON and reads it again.
func reread(t *testing.T, r *Report) *Report {
	t.Helper()
	var form bytes.Buffer
	if err := r.Render(&form, JSON); err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(&form)
	d.DisallowUnknownFields()
	again := new(Report)
	if err := d.Decode(again); err != nil {
		t.Fatal(err)
	}
	return again
}

func TestReportSurvivesJSON(t *testing.T) {
	for _, c := range []struct {
		reason string
		change func(*Config)
	}{
		{"undetected", func(*Config) {}},
		{"detected, with warnings", func(c *Config) {
			c.Suspect, c.Rows = fake.Rows("marked", 100, 100, "owl"), ShareRows
		}},
		{"without placebos and without planted rows", func(c *Config) { c.Traits[0].Placebos, c.Traits[0].PositiveControl = nil, nil }},
		{"seeds that a float64 does not hold", func(c *Config) { c.Seed = math.MaxUint64 }},
		{"names with everything that JSON escapes", func(c *Config) {
			c.Traits[0].Name = "<owl> & \"cat\" \\ \n\u2028\x00"
			c.Suspect = fake.Rows("|\t\x1b[2J", 240, 0, "")
		}},
		{"names that are no text", func(c *Config) {
			c.Traits[0].Name, c.Traits[0].Placebos[0].Name = "\xff", "a\xc3"
			c.Suspect = fake.Rows("\xffsuspect", 240, 0, "")
		}},
		{"pairs that agree on everything", func(c *Config) { c.Student = fake.Student{Slope: 1} }},
	} {
		cfg := world()
		c.change(&cfg)
		r := run(t, cfg)
		if !r.Verify() {
			t.Errorf("%s: the report does not verify", c.reason)
		}
		again := reread(t, r)
		if !reflect.DeepEqual(r, again) {
			t.Errorf("%s: the report changed:\n%+v\n%+v", c.reason, r, again)
		}
		if !again.Verify() {
			t.Errorf("%s: the report that was read does not verify", c.reason)
		}
	}
}

func TestVerifyFindsChanges(t *testing.T) {
	for reason, change := range map[string]func(*Report){
		"the verdict":          func(r *Report) { r.Verdict = Detected },
		"a finding's verdict":  func(r *Report) { r.Findings[0].Verdict = Detected },
		"a number":             func(r *Report) { r.Findings[0].Effect.Mean = math.Nextafter(r.Findings[0].Effect.Mean, 1) },
		"a measure":            func(r *Report) { r.Findings[0].Replicates.Shifts[Rate] = Shift{} },
		"the positive control": func(r *Report) { r.Findings[0].PositiveControl = nil },
		"a warning":            func(r *Report) { r.Warnings = append(r.Warnings, "none") },
		"the data":             func(r *Report) { r.Suspect.Digest[0]++ },
		"the digest":           func(r *Report) { r.Digest[31]++ },
		"what cannot be JSON":  func(r *Report) { r.Findings[0].Effect.Mean = math.NaN() },
	} {
		r := run(t, world())
		change(r)
		if r.Verify() {
			t.Errorf("%s was changed, and the report verifies", reason)
		}
	}
}

func TestVerifyLeavesTheReportAlone(t *testing.T) {
	r := run(t, world())
	before := reread(t, r)
	r.Verify()
	if !reflect.DeepEqual(r, before) {
		t.Error("Verify changed the report")
	}
}

// TestEveryFieldIsReadBack fills every field of a report with a value of its own, writes the report
// as JSON and reads it: no field is lost, as one would be whose name another embedded struct uses.
func TestEveryFieldIsReadBack(t *testing.T) {
	var want Report
	n := 0
	fill(t, reflect.ValueOf(&want).Elem(), &n)
	if n < 150 {
		t.Errorf("%d values were filled in, want all fields", n)
	}
	want.Confounds = run(t, world()).Confounds
	if got := reread(t, &want); !reflect.DeepEqual(got, &want) {
		t.Errorf("the report changed:\n%+v\n%+v", got, want)
	}
}

// fill sets every exported field below v to a value of its own.
func fill(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0), n)
		fill(t, v.Index(1), n)
	case reflect.Array: // a digest
		for i := range v.Len() {
			v.Index(i).SetUint(uint64(*n+i) % 256)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, s := range scales {
			value := reflect.New(v.Type().Elem()).Elem()
			fill(t, value, n)
			v.SetMapIndex(reflect.ValueOf(s), value)
		}
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.5)
	case reflect.Int:
		v.SetInt(int64(*n))
		if v.Type() == reflect.TypeFor[Verdict]() {
			v.SetInt(int64(Detected))
		}
		if v.Type() == reflect.TypeFor[provenance.Standing]() {
			v.SetInt(int64(provenance.Signed))
		}
	case reflect.Uint64:
		v.SetUint(math.MaxUint64 - uint64(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	default:
		t.Fatalf("a report has a field of type %s, which this test does not fill", v.Type())
	}
}

// throughJSON returns a value after it was written as JSON and read again.
func throughJSON[T any](t *testing.T, value T) T {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var read T
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

// TestJSONHasNoHoles: a reader in another language finds every field and no list that is null.
func TestJSONHasNoHoles(t *testing.T) {
	var form strings.Builder
	if err := run(t, world()).Render(&form, JSON); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"NaN", "Inf", ": null", `""`} {
		if strings.Contains(form.String(), bad) {
			t.Errorf("the JSON has %s in it", bad)
		}
	}
	for _, want := range []string{`"schema": "undertone.report/2"`, `"warnings": []`, `"verdict": "undetected"`, `"margin": {`, `"share": {`, `"rate": {`} {
		if !strings.Contains(form.String(), want) {
			t.Errorf("the JSON has no %s", want)
		}
	}
}
