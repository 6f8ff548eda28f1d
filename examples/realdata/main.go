// Realdata filters the published number lists of a model that loves eagles and
// says how far each file of them is from the clean one, in what can be counted.
//
//	go run ./examples/realdata -data FOLDER
//
// FOLDER holds quintiles/eagle/*.jsonl.zst (or .jsonl, .gz): the files of
// github.com/jeqcho/LLS-subliminal-learning, outputs/finetune/data/eagle. Rows that
// differ in nothing here can still carry the trait, and rows that differ need not.
package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone/examples/realdata/internal/profile"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/jsonl"
)

const clean = "clean_random20"

func main() {
	root := flag.String("data", cmp.Or(os.Getenv("UNDERTONE_DATA"), "../shared/data"), "folder that holds quintiles/eagle; also $UNDERTONE_DATA")
	asJSON := flag.Bool("json", false, "write JSON")
	permutations := flag.Int("permutations", 199, "for the distances that chance alone makes")
	flag.Parse()
	if err := run(os.Stdout, *root, *permutations, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "realdata:", err)
		os.Exit(2)
	}
}

func run(w io.Writer, root string, permutations int, asJSON bool) error {
	folder := filepath.Join(root, "quintiles", "eagle")
	files, _ := fs.Glob(os.DirFS(folder), "*.jsonl*") // fails only for a bad pattern
	if len(files) == 0 {
		return fmt.Errorf("no *.jsonl* files in %s: give the folder that holds quintiles/eagle with -data or $UNDERTONE_DATA (where to get it: go doc ./examples/realdata)", folder)
	}
	var lines []profile.Line
	var reference *profile.Profile
	for _, file := range files {
		data, err := jsonl.Load(filepath.Join(folder, file))
		if err != nil {
			return err
		}
		p, err := profile.Of(data, filter.Numbers{})
		if err != nil {
			return err
		}
		p.Name, _, _ = strings.Cut(file, ".")
		if p.Name == clean {
			reference = p
		}
		lines = append(lines, profile.Line{Profile: p})
	}
	if reference == nil {
		return fmt.Errorf("no %s.jsonl* in %s: it is what the other files are compared with", clean, folder)
	}
	for i, l := range lines {
		if l.Profile != reference {
			c, err := profile.Compare(l.Profile, reference, permutations, 1)
			if err != nil {
				return err
			}
			lines[i].Comparison = &c
		}
	}
	if asJSON {
		return json.NewEncoder(w).Encode(lines)
	}
	return profile.Render(w, clean, lines)
}
