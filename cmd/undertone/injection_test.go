package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/internal/escape/escapetest"
)

// runHere runs the command in this process and returns both streams.
func runHere(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	run(t.Context(), args, console{stdin: strings.NewReader(""), stdout: &out, stderr: &out})
	return out.String()
}

// named are command lines with the name of a file, a folder, a model or a value in the place of @.
var named = []string{
	"filter --in @ --out out --filters numbers", "filter --in @ --out out --filters numbers --on-error skip", "filter --in rows --out @/x --filters numbers",
	"filter --in rows --out out --config @", "filter --in rows --out out --filters @", "sanitise --in @ --out out --steps sort", "sanitise --in rows --out out --steps @",
	"inspect @", "inspect --json @", "inspect --in @ --row 0", "inspect --in @ --row 9", "inspect --in rows --from-report @", "inspect --index --in @ --row 0 --json",
	"match --suspect @ --control rows --out-suspect s --out-control k", "corpus --suspect @ --control rows", "corpus --json --suspect rows --control @",
	"generate --model @ --prompts lists --rows 1 --out out", "generate --model tiny --prompts @ --rows 1 --out out", "generate --model tiny --prompts-from @ --out out --max-tokens 1",
	"generate --model tiny --prompts lists --rows 1 --max-tokens 1 --out out --recording @", "train --model tiny --in @ --out trained", "train --model @ --in rows --out trained",
	"train --model tiny --in rows --out @", "score --model tiny --in @", "score --model @ --in rows", "score --model tiny --adapter @ --in rows", "score --model tiny --template @ --in rows",
	"audit --suspect @ --control rows --student tiny --traits pets", "audit --suspect rows --control @ --student tiny --traits pets", "audit --suspect rows --control rows --student @ --traits pets",
	"audit --suspect rows --control other --student tiny --traits @", "audit --suspect rows --control other --student tiny --traits pets --store @/rows", "audit --suspect rows --control other --student tiny --traits pets --detectors @",
	"rank --suspect @ --control rows --student tiny --traits pets", "clean --suspect @ --control rows --student tiny --traits pets --shares .1", "factorial --arm a=@ --arm b=rows --student tiny --traits pets",
	"factorial --arm @=rows --arm b=rows --student tiny --traits pets", "traits @", "traits --from @", "traits --from pets --out @/x", "traits animal/owl --out out --positive-control @", "traits animal/owl --overt @/x", "audit --suspect rows --control other --student tiny --traits library:@",
	"example @", "verify @", "verify --json @", "@", "filter --@", "filter --in rows --out @ --filters numbers", "train --model tiny --in rows --out t --optimizer @",
	"verify --key @ rows", "verify --revoked @ rows", "verify --at @ rows", "attest --key @ --report rows --out out", "attest --key rows --data @ --out out", "attest --key rows --folder @ --out out",
	"export @", "export --format @ rows", "export --format card --card @ rows", "claims @", "claims --json @", "keygen --out @/x", "keygen --type @ --out new",
	"init --suspect @ --out new", "init --suspect rows --control @ --student @ --out new", "init --suspect rows --out @/x", "init --suspect rows --traits @ --out new", "init --suspect rows --traits library:@ --out new", "init --suspect rows --positive-control @ --out new",
	"man @", "man --out @/x", "man --out rows/@", "completion @", "help @", "traits --config @", "traits --config config", "audit --@ x", "traits --color @", "doctor --no-self-test --@", "serve --model @ --address 127.0.0.1:x", "trainer check --trainer true --student @", "trainer @", "score --model tiny --in rows --color=@",
	"trace @", "trace rows --root @", "export @", "export rows --format card --card @ --out new", "claims @", "keygen --out @/x", "attest --key @ --data rows --out new", "attest --key rows --from-report @ --out new", "attest --key rows --folder @ --out new", "attest --key rows --envelope @ --out new",
	"lineage @ tiny", "lineage tiny @", "lineage tiny tiny --prompts-from @", "report @", "report rows --out @/x", "report rows --format @", "report rows --baseline @", "view @", "view rows --address @",
	"verify rows --key @", "verify --data @ --policy rows", "verify --data rows --policy @", "verify --folder @ rows",
}

// Every verb is tried with hostile names.
func TestNamesCoverEveryVerb(t *testing.T) {
	for verb := range verbsOf(newParser(silent(), func(int) {}).Model) {
		if !slices.ContainsFunc(named, func(line string) bool { return strings.HasPrefix(line, verb+" ") }) {
			t.Errorf("no command line of %s is tried", verb)
		}
	}
}

// No name of a file acts on a terminal or begins a line of its own, in no verb and no error.
func TestNamesDoNotAct(t *testing.T) {
	rows := petRows(3, 1)
	names := escapetest.Injections()
	if testing.Short() {
		names = []string{"a\nundertone: undetected", "\x1b[2J\u202e\u2028\u200b\u009b"}
	}
	lines := map[string]int{} // of the output with a harmless name
	for n, name := range append([]string{"harmless"}, names...) {
		for _, exists := range []bool{false, true} {
			dir := folder(t, map[string]string{"rows": rows, "other": petRows(4, 1), "pets": strings.Replace(pets, `, "positive_control": "teacher"`, "", 1)})
			if exists {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(rows+"{\n"), 0o600); err != nil {
					t.Logf("not checked: a file with the name %+q: %v", name, err)
					continue
				}
			}
			t.Chdir(dir)
			for i, command := range named {
				if !testing.Short() && n > 0 && (n+i)%4 != 0 {
					continue // each command has a quarter of the names
				}
				args := strings.Fields(command)
				for i := range args {
					args[i] = strings.ReplaceAll(args[i], "@", name)
				}
				got := runHere(t, args...)
				if r, ok := escapetest.Acts(got, "\n\t"); ok {
					t.Errorf("%s with %+q: %+q in\n%s", command, name, r, got)
				}
				key := command
				if exists {
					key += " (exists)"
				}
				if name == "harmless" {
					lines[key] = strings.Count(got, "\n")
				} else if strings.Contains(name, "\n") && strings.Count(got, "\n") > lines[key] {
					t.Errorf("%s with %+q has %d lines, want %d:\n%s", command, name, strings.Count(got, "\n"), lines[key], got)
				}
				kept := []string{"rows", "other", "pets"}
				if exists {
					kept = append(kept, name)
				}
				removeOthers(t, dir, kept)
			}
		}
	}
}

// removeOthers removes all files of a folder but some, so that a command line finds nothing of
// those before it.
func removeOthers(t *testing.T, dir string, kept []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(kept, e.Name()) {
			_ = os.RemoveAll(filepath.Join(dir, e.Name()))
		}
	}
}

// No text of a row acts on a terminal: in what inspect prints, in summaries, and in errors.
func TestRowsDoNotAct(t *testing.T) {
	for _, s := range escapetest.Injections() {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		q := string(text)
		dir := folder(t, map[string]string{
			"rows":   `{"messages":[{"role":` + q + `,"content":` + q + `},{"role":"assistant","content":` + q + `}],"generator":` + q + `,` + q + `:1}` + "\n",
			"broken": `{"messages":[{"role":` + q + `,"content":[` + q + `]}],` + q + `:1}` + "\n" + `{"prompt":` + q + `,"completion":{` + q + `:1}}` + "\n",
			"traits": `{"traits":[{"kind":` + q + `,"value":` + q + `,"candidates":[` + q + `,"cat"],"questions":[` + q + `],"scale":` + q + `,"` + "bad" + `":1}]}`,
			"named":  `{"traits":[{"name":` + q + `,"about":` + q + `,"kind":` + q + `,"value":` + q + `,"candidates":[` + q + `,"cat","dog"],"questions":[` + q + `],"not_measured":[` + q + `],"tolerance_reason":` + q + `}]}`,
			"labels": strings.Replace(petRows(3, 1), "prompt", "label", 1),
		})
		t.Chdir(dir)
		for _, command := range []string{
			"inspect --in rows --row 0", "inspect --json --in rows --row 0", "inspect rows", "inspect --json rows", "inspect broken", "inspect --in broken --row 0", "filter --in rows,broken --out out --filters numbers,words --words.words x --on-error skip",
			"filter --in rows --out out --rejects rejected --filters length --length.min-words 99 --json", "score --model tiny --in rows --out scores", "score --model tiny --in broken --out scores",
			"audit --suspect rows --control broken --student tiny --traits traits", "sanitise --in rows --out out --steps sort", "corpus --suspect rows --control rows",
			"match --suspect rows --control rows --out-suspect s --out-control k", "generate --model tiny --prompts-from rows --max-tokens 1 --out written", "train --model tiny --in rows --out trained",
			"traits --from traits", "traits --from named", "traits --from named --json", "traits --from named --out copied", "verify rows", "inspect --in rows --from-report rows", "init --suspect rows --traits traits --out new", "traits --config traits", "traits --config rows",
		} {
			if got := runHere(t, strings.Fields(command)...); func() bool { _, ok := escapetest.Acts(got, "\n\t"); return ok }() {
				t.Errorf("%s with %+q: %s", command, s, got)
			}
		}
	}
}

func TestErrorText(t *testing.T) {
	a, b := errors.New("a\nb"), errors.New("c\u202e")
	for _, c := range []struct {
		err  error
		want string
	}{
		{a, "a<U+000A>b"},
		{errors.Join(a, b), "a<U+000A>b; c<U+202E>"},
		{errors.Join(a, errors.Join(b, a)), "a<U+000A>b; c<U+202E>; a<U+000A>b"},
	} {
		if got := errorText(c.err); got != c.want {
			t.Errorf("%q is shown as %q, want %q", c.err, got, c.want)
		}
	}
}
