package external

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// A command line either is refused or gives arguments, in which a value stays within its argument,
// whatever it holds. Quoting the arguments gives them again.
func FuzzSplitCommand(f *testing.F) {
	for _, line := range []string{`./t.sh {base} "{data} x" 'a b'`, `a\ b`, `"`, `'a`, `\`, "{seed}{out}", "a\x00b"} {
		f.Add(line, "v w")
	}
	f.Fuzz(func(t *testing.T, line, value string) {
		args, err := SplitCommand(line)
		if err != nil {
			return
		}
		var quoted []string
		for _, arg := range args {
			quoted = append(quoted, "'"+strings.ReplaceAll(arg, "'", `'\''`)+"'")
		}
		if again, err := SplitCommand(strings.Join(quoted, " ")); err != nil || !slices.Equal(again, args) {
			t.Errorf("%q gives %q, and quoted %q (%v)", line, args, again, err)
		}
		if checkCommand(args, placeholders) != nil {
			return
		}
		values := map[string]string{}
		for _, name := range placeholders {
			values[name] = value
		}
		for i, filled := range fill(args, values) {
			if !strings.Contains(args[i], "{") && filled != args[i] {
				t.Errorf("argument %q becomes %q", args[i], filled)
			}
		}
	})
}

// No report of a trainer causes a panic or a version that a terminal acts on.
func FuzzReport(f *testing.F) {
	for _, text := range []string{`{"kind":"peft","rows_seen":3,"versions":{"a":1,"b":null,"c":"d"}}`, `{"versions":[]}`, `null`, `{"seed":-1}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var r Report
		if json.Unmarshal(text, &r) != nil {
			return
		}
		for name, version := range r.Versions {
			if !versionName.MatchString(name) || len(version) > maxVersion {
				t.Errorf("version %q of %q is kept", version, name)
			}
		}
	})
}
