package audit

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// storeEdits is the number of edits of TestStoreEdits. experiments/README.md records a long run:
//
//	go test ./audit -run TestStoreEdits -store.edits 10000 -store.seed 1 -v -timeout 2h
var (
	storeEdits = flag.Int("store.edits", 100, "edits of the store of a finished audit")
	storeSeed  = flag.Uint64("store.seed", 1, "seed of the edits")
)

// storeFile is one file of a store.
type storeFile struct {
	name string
	text []byte
}

// edits are the ways to damage a store. old holds the files of audits with another seed, student,
// suspect or trait. An edit returns the content of files to write, and nil for a file to remove.
var edits = map[string]func(r *rand.Rand, files, old []storeFile) map[string][]byte{
	"flip a bit": func(r *rand.Rand, files, _ []storeFile) map[string][]byte {
		f := files[r.IntN(len(files))]
		text := bytes.Clone(f.text)
		text[r.IntN(len(text))] ^= 1 << r.IntN(8)
		return map[string][]byte{f.name: text}
	},
	"change a digit": func(r *rand.Rand, files, _ []storeFile) map[string][]byte {
		f := files[r.IntN(len(files))]
		text := bytes.Clone(f.text)
		for i := r.IntN(len(text)); ; i = (i + 1) % len(text) {
			if c := text[i]; c >= '0' && c <= '9' {
				text[i] = '0' + (c-'0'+1+byte(r.IntN(9)))%10
				return map[string][]byte{f.name: text}
			}
		}
	},
	"swap two files": func(r *rand.Rand, files, _ []storeFile) map[string][]byte {
		i, j := r.IntN(len(files)), r.IntN(len(files)-1)
		if j >= i {
			j++
		}
		return map[string][]byte{files[i].name: files[j].text, files[j].name: files[i].text}
	},
	"cut a file": func(r *rand.Rand, files, _ []storeFile) map[string][]byte {
		f := files[r.IntN(len(files))]
		return map[string][]byte{f.name: f.text[:r.IntN(len(f.text))]}
	},
	"append to a file": func(r *rand.Rand, files, _ []storeFile) map[string][]byte {
		f := files[r.IntN(len(files))]
		return map[string][]byte{f.name: append(bytes.Clone(f.text), []string{" ", "\n", "}", "null"}[r.IntN(4)]...)}
	},
	"replay a value of another audit": func(r *rand.Rand, files, old []storeFile) map[string][]byte {
		return map[string][]byte{files[r.IntN(len(files))].name: old[r.IntN(len(old))].text}
	},
	"replay a value of another audit under the key of this one": func(r *rand.Rand, files, old []storeFile) map[string][]byte {
		f, o := files[r.IntN(len(files))], old[r.IntN(len(old))]
		key := func(f storeFile) []byte { return []byte(f.name[:len(f.name)-len(".json")]) }
		return map[string][]byte{f.name: bytes.ReplaceAll(o.text, key(o), key(f))}
	},
	"replay the digest of another value": func(r *rand.Rand, files, old []storeFile) map[string][]byte {
		f, o := files[r.IntN(len(files))], old[r.IntN(len(old))]
		digest := func(text []byte) []byte {
			_, rest, _ := bytes.Cut(text, []byte(`"digest":"sha256:`))
			return rest[:64]
		}
		return map[string][]byte{f.name: bytes.Replace(f.text, digest(f.text), digest(o.text), 1)}
	},
}

// filesOf returns the files of a folder.
func filesOf(t *testing.T, folder undertone.DirStore) (files []storeFile) {
	t.Helper()
	entries, err := os.ReadDir(string(folder))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(string(folder), e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, storeFile{e.Name(), text})
	}
	return files
}

// TestStoreEdits makes one random edit of the store of a finished audit after another, and audits
// again. Every edit is said, and the report is the one of the audit without a store.
func TestStoreEdits(t *testing.T) {
	old := undertone.DirStore(t.TempDir())
	for _, change := range []func(*Config){
		func(c *Config) { c.Seed = 2 },
		func(c *Config) { c.Student = fake.Student{Slope: 2, Noise: 0.05, Shared: 1} },
		func(c *Config) { c.Suspect = fake.Rows("marked", 240, 240, "owl") },
		func(c *Config) { c.Traits[0] = prefers("cat") },
	} {
		cfg := world()
		change(&cfg)
		cfg.Store = old
		run(t, cfg)
	}
	want := run(t, world())
	store := undertone.DirStore(t.TempDir())
	cfg := world()
	cfg.Store = store
	run(t, cfg)
	files := filesOf(t, store)
	olds := slices.DeleteFunc(filesOf(t, old), func(o storeFile) bool { // what both audits share
		return slices.ContainsFunc(files, func(f storeFile) bool { return f.name == o.name })
	})
	names, made := slices.Sorted(maps.Keys(edits)), map[string]int{}
	r := rand.New(rand.NewPCG(*storeSeed, 0))
	n := *storeEdits
	if testing.Short() {
		n = min(n, 24)
	}
	warnings := 0
	for i := range n {
		name := names[i%len(names)]
		changed := edits[name](r, files, olds)
		for file, text := range changed {
			if err := os.WriteFile(filepath.Join(string(store), file), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cfg := world()
		var said []string
		cfg.Store, cfg.Warn = store, func(w string) { said = append(said, w) }
		got := run(t, cfg)
		if got.Digest != want.Digest || got.Verdict != want.Verdict || got.Findings[0].Effect != want.Findings[0].Effect {
			t.Fatalf("edit %d, %s: report %s, %s, effect %v, want %s, %s, %v", i, name,
				got.Digest.Short(), got.Verdict, got.Findings[0].Effect, want.Digest.Short(), want.Verdict, want.Findings[0].Effect)
		}
		if len(said) != len(changed) {
			t.Fatalf("edit %d, %s of %d files: warnings %q", i, name, len(changed), said)
		}
		warnings += len(said)
		made[name]++
	}
	if after := filesOf(t, store); fmt.Sprint(after) != fmt.Sprint(files) {
		t.Error("the store holds other values than before the edits")
	}
	t.Logf("%d edits of %d files: %d damaged values said, the report unchanged: %v", n, len(files), warnings, made)
}
