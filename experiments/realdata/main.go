// Realdata pairs published number lists of a model that loves eagles with number lists of a model
// without the trait, by prompt, and counts what else differs between them.
//
//	go run ./experiments/realdata -data FOLDER
//
// FOLDER holds quintiles/eagle/*.jsonl.zst: the files of github.com/jeqcho/LLS-subliminal-learning,
// outputs/finetune/data/eagle, compressed or not. README.md discusses the output.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/teacher/match"
)

func main() {
	root := flag.String("data", os.Getenv("UNDERTONE_DATA"), "`folder` of quintiles/eagle (default $UNDERTONE_DATA)")
	suspect := flag.String("suspect", "entity_q5", "`file` of quintiles/eagle, without its extension")
	control := flag.String("control", "clean_random20", "`file` of quintiles/eagle, without its extension")
	form := flag.String("format", "text", "`format` of the output: text, markdown or json")
	flag.Parse()
	err := run(os.Stdout, filepath.Join(*root, "quintiles", "eagle"), *suspect, *control, *form)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(os.Stderr, "realdata: skipped, nothing was compared: %v\nset -data or $UNDERTONE_DATA; go doc ./experiments/realdata names the files\n", err)
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "realdata:", err)
		os.Exit(2)
	}
}

func run(w io.Writer, folder, suspect, control, form string) error {
	if form != "text" && form != "markdown" && form != "json" {
		return fmt.Errorf("format %q: want text, markdown or json", form)
	}
	a, err := load(folder, suspect)
	if err != nil {
		return err
	}
	b, err := load(folder, control)
	if err != nil {
		return err
	}
	pair, err := match.Rows(context.Background(), a, b, filter.Numbers{})
	if err != nil {
		return err
	}
	confounds, err := pair.Confounds(match.Settings{})
	if err != nil {
		return err
	}
	switch form {
	case "text":
		return confounds.Text(w)
	case "markdown":
		return confounds.Markdown(w)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(confounds)
}

// load reads the file with this name and any extension.
func load(folder, name string) (*undertone.Dataset, error) {
	files, err := filepath.Glob(filepath.Join(folder, name+".jsonl*"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s: %w", filepath.Join(folder, name+".jsonl*"), cmp.Or(err, fs.ErrNotExist))
	}
	data, err := jsonl.Load(files[0])
	if err != nil {
		return nil, err
	}
	return data.Named(name), nil
}
