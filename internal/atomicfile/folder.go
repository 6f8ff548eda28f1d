package atomicfile

import (
	"os"
	"path/filepath"
)

// RenameFolder puts a folder whose files are on disk into its place, which must not exist. The
// folder is there after a power cut. Errors name the new path.
func RenameFolder(from, to string) error {
	err := failAt(StepRename, to)
	if err == nil {
		err = os.Rename(from, to)
	}
	if err != nil {
		return about(to, err)
	}
	syncFolder(filepath.Dir(to))
	return nil
}

// syncFolder writes the names in a folder to disk, where the system can do so.
func syncFolder(path string) {
	if folder, err := os.Open(path); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}
