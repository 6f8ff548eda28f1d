package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"

	"github.com/undertone-audit/undertone/cmd/undertone/internal/lockfile"
)

// preflight checks what all verbs have in common before a verb runs: numbers are in range, no
// output is an input, the rows fit into memory, and no other process writes an output. The caller
// calls done at the end.
func preflight(parsed *kong.Context, c console) (done func(), err error) {
	if err := checkRanges(parsed); err != nil {
		return nil, err
	}
	uses := fileUses(valuesOf(parsed), c)
	if err := checkFiles(uses); err != nil {
		return nil, err
	}
	if err := c.memory.planRows(uses); err != nil {
		return nil, err
	}
	return lockOutputs(uses, "undertone "+parsed.Selected().Name, c)
}

// valuesOf returns the flags and the arguments of a command.
func valuesOf(parsed *kong.Context) (all []*kong.Value) {
	for _, f := range parsed.Flags() {
		all = append(all, f.Value)
	}
	if node := parsed.Selected(); node != nil {
		all = append(all, node.Positional...)
	}
	return all
}

// checkRanges returns an error if a number that was given is out of range. A number that was not
// given has its default.
func checkRanges(parsed *kong.Context) error {
	for _, p := range parsed.Path {
		if p.Flag == nil {
			continue
		}
		if i, ok := intervalOf(p.Flag.Tag.Get("range")); ok {
			if err := i.check(p.Flag.Target); err != nil {
				return fmt.Errorf("--%s is %w", p.Flag.Name, err)
			}
		}
	}
	return nil
}

// lockOutputs locks the outputs of a verb, so that no other process writes them meanwhile. Outputs
// that are devices, or folders that processes share, are not locked. What is wrong with a path is
// left to the verb.
func lockOutputs(uses []fileUse, what string, c console) (done func(), err error) {
	var held []*lockfile.Lock
	done = func() {
		for _, l := range held {
			l.Release()
		}
	}
	for _, u := range uses {
		if !u.writes || u.shared || u.path == standard || u.info != nil && !u.info.Mode().IsRegular() {
			continue
		}
		path := canonical(u.path)
		if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
			continue
		}
		l, err := lockfile.Acquire(path, what)
		switch other := (*lockfile.HeldError)(nil); {
		case err == nil:
			held = append(held, l)
		case errors.As(err, &other):
			done()
			return nil, fmt.Errorf("%s is %s, which another process writes: %s; wait until it ends, or name another path", u.what, u.path, other.Holder)
		case errors.Is(err, errors.ErrUnsupported):
			c.warnings.add(u.path + ": this file system has no locks, so a second process that writes it is not noticed")
		case errors.Is(err, fs.ErrNotExist):
		default:
			done()
			return nil, fmt.Errorf("%s: cannot write: lock file %s: %w; the old file, if any, is unchanged", u.path, filepath.Base(lockfile.File(path)), err)
		}
	}
	return done, nil
}
