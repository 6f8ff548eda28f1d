package serve

import (
	"net/http"
	"os"
	"path/filepath"
	"unicode"
)

// resolve returns the absolute path of a folder without links.
func resolve(dir string) (string, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

// within returns the folder of an adapter that a request names, absolute or relative to root. A
// folder outside root is an error, as are links that lead there from the folder or its files. The
// error is the same whether the path exists or not, so requests cannot search the disk.
func within(root, path string) (string, error) {
	refused := failed(http.StatusBadRequest, "InvalidUserInput", "lora_path", "the path is not a folder with an adapter inside --adapter-root")
	if !filepath.IsAbs(path) {
		path = filepath.Join(root, path)
	}
	dir, err := filepath.EvalSymlinks(path)
	if err != nil || !inside(root, dir) {
		return "", refused
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return "", refused
	}
	for _, f := range files {
		file, err := filepath.EvalSymlinks(filepath.Join(dir, f.Name()))
		if err != nil || !inside(root, file) {
			return "", refused
		}
	}
	return dir, nil
}

// inside reports whether a path without links is in a folder, and not the folder itself.
func inside(root, path string) bool {
	rest, err := filepath.Rel(root, path)
	return err == nil && rest != "." && filepath.IsLocal(rest)
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }
