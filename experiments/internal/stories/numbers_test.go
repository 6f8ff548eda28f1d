package stories

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
)

// A stored model is read again. If it was exchanged for another model, it is trained again.
func TestTrainOnce(t *testing.T) {
	base, err := tiny.Base()
	if err != nil {
		t.Fatal(err)
	}
	rows := undertone.NewDataset("rows", []undertone.Example{undertone.NewExample("a", " b"), undertone.NewExample("c", " d")})
	folder := t.TempDir()
	train := func() *lm.Model {
		m, err := trainOnce(t.Context(), base, rows, student.Recipe{LearningRate: 1e-3}, folder)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	want := train().Digest()
	dirs, err := filepath.Glob(filepath.Join(folder, "*.model"))
	if err != nil || len(dirs) != 1 {
		t.Fatal(dirs, err)
	}
	before, err := os.Stat(dirs[0])
	if err != nil {
		t.Fatal(err)
	}
	if got := train().Digest(); got != want {
		t.Errorf("read again: %s, want %s", got.Short(), want.Short())
	}
	if after, err := os.Stat(dirs[0]); err != nil || !os.SameFile(before, after) {
		t.Errorf("a stored model was trained again (%v)", err)
	}
	if err := os.RemoveAll(dirs[0]); err != nil {
		t.Fatal(err)
	}
	if err := base.Save(dirs[0]); err != nil {
		t.Fatal(err)
	}
	if got := train().Digest(); got != want {
		t.Errorf("after an exchange: %s, want %s", got.Short(), want.Short())
	}
}
