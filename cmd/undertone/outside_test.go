package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/remote"
)

// A traits file names positive controls in its own folder. Others need a flag, through links too.
func TestPositiveControlsOutside(t *testing.T) {
	dir := folder(t, map[string]string{"teacher": petRows(40, 10), "s": petRows(40, 8), "c": petRows(41, 1)})
	inner := filepath.Join(dir, "inner")
	if err := os.Mkdir(inner, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../teacher", filepath.Join(inner, "link")); err != nil {
		t.Skipf("not checked: links: %v", err)
	}
	for path, outside := range map[string]bool{"../teacher": true, filepath.Join(dir, "teacher"): true, "link": true, "../inner/../teacher": true, "none": false} {
		file := strings.Replace(pets, `"teacher"`, `"`+filepath.ToSlash(path)+`"`, 1)
		if err := os.WriteFile(filepath.Join(inner, "pets"), []byte(file), 0o666); err != nil {
			t.Fatal(err)
		}
		const args = "rank --suspect s --control c --student tiny --traits inner/pets --surrogates 1 --out out"
		_, stderr, code := execute(t, dir, "", strings.Fields(args)...)
		if refused := strings.Contains(stderr, "lies outside the folder of the file; add --outside-files if you trust it\n"); refused != outside || code != 2 {
			t.Errorf("%s: exit code %d, %q", path, code, stderr)
		}
		if _, stderr, code := execute(t, dir, "", append(strings.Fields(args), "--outside-files")...); outside && code != 0 {
			t.Errorf("%s with the flag: exit code %d, %q", path, code, stderr)
		}
	}
}

// An interrupted audit says that finished work is in its store only if it is.
func TestInterruptedWithoutFinishedWork(t *testing.T) {
	dir := t.TempDir()
	f := experimentFlags{Store: filepath.Join(dir, "store")}
	ctx := done(t)
	if err := f.explain(ctx, ctx.Err()); !strings.HasPrefix(err.Error(), "interrupted; nothing was finished, ") {
		t.Errorf("without a folder: %v", err)
	}
	if err := os.Mkdir(f.Store, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := f.explain(ctx, ctx.Err()); !strings.HasPrefix(err.Error(), "interrupted; nothing was finished, ") {
		t.Errorf("an empty folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(f.Store, "a.json"), []byte("1"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := f.explain(ctx, ctx.Err()); !strings.HasPrefix(err.Error(), "interrupted; finished work is in ") {
		t.Errorf("finished work: %v", err)
	}
}

// An audit that a server ends says how it resumes; other errors are unchanged.
func TestFailedServerResumes(t *testing.T) {
	dir := folder(t, map[string]string{"a.json": "1"})
	f, failed, spent := experimentFlags{Store: dir}, &remote.Error{Op: "GET /", Reason: errors.New("refused")}, &remote.Error{Reason: remote.ErrBudget}
	if err := f.explain(t.Context(), failed); !errors.Is(err, failed) || !strings.HasSuffix(err.Error(), "refused; finished work is in "+dir+": run the same command again to resume") {
		t.Errorf("a failed server: %v", err)
	}
	for _, err := range []error{spent, errors.New("no rows"), nil} {
		if got := f.explain(t.Context(), err); got != err {
			t.Errorf("%v becomes %v", err, got)
		}
	}
}

// done returns a context that is done.
func done(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
