package oms

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// shownDifferences is the number of differences that an error lists.
const shownDifferences = 10

// Check hashes the files of a folder in the way of the manifest and returns an error that lists the
// files that are changed, missing, or not in the manifest. The paths to skip, relative to the
// folder, are not compared: the caller names the bundle itself there, if it lies in the folder.
//
// A path may be a single file if the manifest lists a single resource.
func (m *Manifest) Check(ctx context.Context, folder string, skip ...string) error {
	if err := m.check(ctx, folder, skip); err != nil {
		return fmt.Errorf("oms: folder %s: %w", folder, err)
	}
	return nil
}

func (m *Manifest) check(ctx context.Context, folder string, skip []string) error {
	if err := m.validate(); err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	if info, err := os.Stat(folder); err == nil && info.Mode().IsRegular() {
		return m.checkFile(ctx, folder)
	}
	found, err := describe(ctx, folder, m.Serialization, skip)
	if err != nil {
		return err
	}
	return m.compare(found)
}

// checkFile checks a single file.
func (m *Manifest) checkFile(ctx context.Context, path string) error {
	if len(m.Resources) != 1 || m.Serialization.Method != Files {
		return fmt.Errorf("it is a file, but the manifest lists %d resources of a folder", len(m.Resources))
	}
	f, err := os.Open(path)
	if err != nil {
		return withoutPath(err)
	}
	defer f.Close()
	digest, _, err := sum(&interruptible{ctx, f})
	if err == nil && digest != m.Resources[0].Digest {
		err = errors.New("the file is changed")
	}
	return err
}

// compare returns an error that lists how the files that were found differ from those of m.
func (m *Manifest) compare(found *Manifest) error {
	want := make(map[string]string, len(m.Resources))
	for _, r := range m.Resources {
		want[r.Name] = r.Digest
	}
	var problems []string
	for _, r := range found.Resources {
		switch digest, listed := want[r.Name]; {
		case !listed:
			problems = append(problems, fmt.Sprintf("%q is not signed", r.Name))
		case digest != r.Digest:
			problems = append(problems, fmt.Sprintf("%q is changed", r.Name))
		}
		delete(want, r.Name)
	}
	for name := range want {
		problems = append(problems, fmt.Sprintf("%q is missing", name))
	}
	if len(problems) == 0 {
		return nil
	}
	slices.Sort(problems)
	n := len(problems)
	if n > shownDifferences {
		problems = append(problems[:shownDifferences], fmt.Sprintf("and %d more", n-shownDifferences))
	}
	return fmt.Errorf("the files are not those that were signed: %s", strings.Join(problems, ", "))
}
