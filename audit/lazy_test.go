package audit_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/jsonl"
)

// files saves the arms of an audit and returns their paths.
func files(t *testing.T, cfg audit.Config) (suspect, control string) {
	t.Helper()
	paths := map[string]undertone.Data{"suspect": cfg.Suspect, "control": cfg.Control}
	dir := t.TempDir()
	for name, data := range paths {
		if err := jsonl.Save(t.Context(), filepath.Join(dir, name), data.(*undertone.Dataset)); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "suspect"), filepath.Join(dir, "control")
}

func indexed(t *testing.T, path string) *jsonl.Indexed {
	t.Helper()
	rows, err := jsonl.OpenIndexed(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rows.Close() })
	return rows
}

func detectors() []audit.Detector {
	return []audit.Detector{audit.Transfer, rowscore.LikelihoodRatio(rowscore.Surrogates{Count: 1, Rows: 2}), corpus.Detector(corpus.Config{})}
}

// An audit of rows that stay in their files has the report of an audit of the same rows in memory.
func TestRowsOnDisk(t *testing.T) {
	cfg := fakeaudit.Dirty(detectors()...)
	suspect, control := files(t, cfg)
	var reports [2]bytes.Buffer
	for i := range reports {
		if i == 0 {
			cfg.Suspect, cfg.Control = indexed(t, suspect), indexed(t, control)
		} else {
			for to, path := range map[*undertone.Data]string{&cfg.Suspect: suspect, &cfg.Control: control} {
				rows, err := jsonl.Load(path)
				if err != nil {
					t.Fatal(err)
				}
				*to = rows
			}
		}
		report, err := audit.Run(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := report.Render(&reports[i], audit.JSON); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(reports[0].Bytes(), reports[1].Bytes()) {
		t.Errorf("on disk\n%s\nin memory\n%s", &reports[0], &reports[1])
	}
}

// Rows that change during an audit are an error, not a verdict on other rows.
func TestRowsOnDiskThatChange(t *testing.T) {
	for i, d := range detectors() {
		cfg := fakeaudit.Dirty(audit.Transfer, d)
		if i == 0 {
			cfg.Detectors = cfg.Detectors[:1]
		}
		suspect, control := files(t, cfg)
		cfg.Suspect, cfg.Control = indexed(t, suspect), indexed(t, control)
		changed := false
		cfg.Progress = func(audit.Progress) {
			if !changed {
				changed = true
				if err := os.Truncate(suspect, 100); err != nil {
					t.Fatal(err)
				}
			}
		}
		if report, err := audit.Run(t.Context(), cfg); !errors.Is(err, jsonl.ErrIndex) {
			t.Errorf("%s: report %v, error %v", d.Name, report, err)
		}
	}
}
