package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/undertone-audit/undertone/internal/configfile"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/traits"
)

// The tag file of a flag states the use of the file or the folder that the flag names:
//
//	read    the verb reads it; a name that is no file, such as that of an embedded model, is ignored
//	traits  the verb reads it, and the positive controls that it names
//	write   the verb writes it
//	folder  the verb reads files of this folder, and other files may appear in it
//	store   the verb writes files of its own into this folder, which other verbs may share

// fileUse is a file that a verb reads or writes.
type fileUse struct {
	what   string // for people, such as "--out" or "the positive control of --traits"
	path   string // or [standard]
	info   fs.FileInfo
	writes bool
	shared bool // by several processes
}

// filePather is a value of a flag that holds a path.
type filePather interface{ filePath() string }

// fileUses returns the files that the flags of a command name, in the order of the flags.
func fileUses(flags []*kong.Value, c console) (all []fileUse) {
	for _, f := range flags {
		use := f.Tag.Get("file")
		if use == "" {
			continue
		}
		for _, path := range pathsOf(f.Target) {
			u := newFileUse(flagName(f), path, use, c)
			all = append(all, u)
			if use == "read" || use == "folder" {
				all = append(all, u.further()...)
			}
			if u.info == nil || !u.info.Mode().IsRegular() {
				continue // a pipe can be read only once
			}
			if use == "traits" {
				all = append(all, positiveControlUses(u.what, path)...)
			}
		}
	}
	return all
}

// flagName returns the name of a flag or of an argument for people.
func flagName(v *kong.Value) string {
	if v.Flag == nil {
		return "the argument " + strings.ToUpper(v.Name)
	}
	return "--" + v.Name
}

// pathsOf returns the paths that the value of a flag holds.
func pathsOf(v reflect.Value) (paths []string) {
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			paths = append(paths, pathsOf(v.Index(i))...)
		}
		return paths
	}
	path := ""
	if p, ok := v.Interface().(filePather); ok {
		path = p.filePath()
	} else {
		path = v.String()
	}
	if path == "" {
		return nil
	}
	return []string{path}
}

func newFileUse(what, path, use string, c console) fileUse {
	u := fileUse{what: what, path: path, writes: use == "write" || use == "store", shared: use == "store" || use == "folder"}
	if path != standard {
		u.info, _ = os.Stat(path) // a file that does not exist yet has none
		return u
	}
	var stream any = c.stdin
	if u.writes {
		stream = c.stdout
	}
	if file, ok := stream.(*os.File); ok {
		u.info, _ = file.Stat()
	}
	return u
}

// further returns the files that a verb reads with an input: the index of a file of rows, and the
// files of a folder, which may be links to files elsewhere.
func (u fileUse) further() (all []fileUse) {
	if u.info == nil {
		return nil
	}
	if u.info.Mode().IsRegular() && u.path != standard {
		if index := newFileUse("the index of "+u.what, jsonl.IndexPath(u.path), "read", console{}); index.info != nil {
			all = append(all, index)
		}
	}
	if !u.info.IsDir() {
		return all
	}
	entries, _ := os.ReadDir(u.path) // the verb says what is wrong with the folder
	for _, e := range entries[:min(len(entries), mostEntries)] {
		all = append(all, newFileUse("a file of the folder of "+u.what, filepath.Join(u.path, e.Name()), "read", console{}))
	}
	return all
}

// mostEntries is the largest number of files of a folder that are compared with the outputs.
const mostEntries = 10_000

// positiveControlUses returns the positive controls that a traits file names. The verb reports what
// is wrong with the file.
func positiveControlUses(flag, path string) (all []fileUse) {
	text, err := configfile.ReadFile(path)
	var file traits.File
	if err != nil || json.Unmarshal(text, &file) != nil {
		return nil
	}
	for _, t := range file.Traits {
		if t.PositiveControl != "" {
			all = append(all, newFileUse("the positive control that "+flag+" names", beside(path, t.PositiveControl), "read", console{}))
		}
	}
	return all
}

// beside returns the path of a file that another file names: it is relative to the folder of that
// file.
func beside(file, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}

// checkFiles returns an error if a verb would write a file that it reads, or write one file twice.
func checkFiles(all []fileUse) error {
	for i, w := range all {
		for k, other := range all {
			if i == k || !w.writes {
				continue
			}
			if err := w.conflict(other); err != nil {
				return err
			}
		}
	}
	return nil
}

// conflict returns an error if writing w changes the file or the folder of the other use.
func (w fileUse) conflict(other fileUse) error {
	verb := "reads"
	if other.writes {
		verb = "writes"
	}
	switch {
	case w.same(other):
		return fmt.Errorf("%s is %s, which is also %s: the verb %s it; name another file", w.what, w.path, other.what, verb)
	case (!w.shared || !other.writes) && other.holds(w):
		return fmt.Errorf("%s is %s, which lies in the folder %s of %s: the verb %s it; name a path outside", w.what, w.path, other.path, other.what, verb)
	}
	return nil
}

// same reports whether two uses are of one file or folder, through links too. Devices and pipes are
// not files.
func (w fileUse) same(other fileUse) bool {
	if w.info != nil && other.info != nil {
		return (w.info.Mode().IsRegular() || w.info.IsDir()) && os.SameFile(w.info, other.info)
	}
	return w.info == nil && other.info == nil && w.path != standard && other.path != standard && canonical(w.path) == canonical(other.path)
}

// holds reports whether a path lies in the folder of u.
func (u fileUse) holds(w fileUse) bool {
	if w.path == standard || u.info == nil && !u.writes || u.info != nil && !u.info.IsDir() || u.shared && !u.writes {
		return false
	}
	return canonical(u.path) != canonical(w.path) && within(u.path, w.path)
}

// within reports whether a path lies in a folder, through links too.
func within(folder, path string) bool {
	inside, err := filepath.Rel(canonical(folder), canonical(path))
	return err == nil && inside != ".." && !strings.HasPrefix(inside, ".."+string(filepath.Separator))
}

// canonical returns an absolute path without symbolic links, as far as its folders exist.
func canonical(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	rest := ""
	for dir := abs; ; {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(real, rest)
		}
		up := filepath.Dir(dir)
		if up == dir {
			return abs
		}
		rest, dir = filepath.Join(filepath.Base(dir), rest), up
	}
}
