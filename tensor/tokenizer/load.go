package tokenizer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone/tensor/internal/foreign"
)

// Load reads a tokenizer from a file, or from the folder of a model:
//
//   - *.json: Hugging Face tokenizer.json; tokenizer_config.json in its folder names BOS and EOS;
//   - *.bin: a scored vocabulary of llama2.c;
//   - *.tiktoken: ranks; the name of the file names the encoding: see [LoadTiktoken].
//
// In a folder it reads the first of tokenizer.json, *.tiktoken and tok*.bin. An error names the
// file and what is wrong in it, and wraps [ErrUnsupported] or [ErrMalformed] if the content of the
// file is the cause.
func Load(path string) (*Tokenizer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	if info.IsDir() {
		if path, err = inFolder(path); err != nil {
			return nil, fmt.Errorf("tokenizer: %w", err)
		}
	}
	var t *Tokenizer
	switch name := filepath.Base(path); filepath.Ext(name) {
	case ".json":
		t, err = loadJSON(path)
	case ".bin":
		t, err = loadScores(path)
	case ".tiktoken":
		return LoadTiktoken(path, strings.TrimSuffix(name, ".tiktoken"))
	default:
		err = fmt.Errorf("%w: want a name that ends in .json, .bin or .tiktoken; convert a SentencePiece .model to tokenizer.json", ErrUnsupported)
	}
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %s: %w", path, err)
	}
	return t, nil
}

// inFolder returns the file of a folder that holds a tokenizer.
func inFolder(folder string) (string, error) {
	for _, name := range []string{"tokenizer.json", "*.tiktoken", "tok*.bin"} {
		files, err := filepath.Glob(filepath.Join(escapeGlob(folder), name))
		switch {
		case err != nil:
			return "", fmt.Errorf("%s: %w", folder, err)
		case len(files) == 1:
			return files[0], nil
		case len(files) > 1:
			return "", fmt.Errorf("%s has %d files %s: give one of them", folder, len(files), name)
		}
	}
	return "", fmt.Errorf("%s has no tokenizer.json, *.tiktoken or tok*.bin: %w", folder, fs.ErrNotExist)
}

// escapeGlob returns a pattern that matches only the path. Windows has no escapes, and such names
// are rare.
func escapeGlob(path string) string {
	if os.PathSeparator == '\\' {
		return path
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// read returns the content of a file of at most most bytes.
func read(path string, most int64) ([]byte, error) {
	f, err := foreign.Open(path)
	if err != nil {
		return nil, errors.Unwrap(err) // the caller adds the name of the file
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("more than %d bytes, which no tokenizer needs: %w", most, ErrMalformed)
	}
	if err := foreign.Check(data); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return data, nil
}
