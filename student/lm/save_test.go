package lm

import (
	"os"
	"path/filepath"
	"testing"
)

// A model can be saved when the folder that it was loaded from is gone.
func TestSaveWithoutTheFolderItCameFrom(t *testing.T) {
	first := filepath.Join(t.TempDir(), "first")
	if err := small(t, Options{}).Save(first); err != nil {
		t.Fatal(err)
	}
	m, err := Load(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(first); err != nil {
		t.Fatal(err)
	}
	second := filepath.Join(t.TempDir(), "second")
	if err := m.Save(second); err != nil {
		t.Fatal(err)
	}
	again, err := Load(second)
	if err != nil || again.Digest() != m.Digest() {
		t.Errorf("it reads back as another model (%v)", err)
	}
}
