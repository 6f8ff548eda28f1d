package external

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// SplitCommand splits a command line into its arguments. Spaces, tabs and line feeds separate
// arguments. Text between single quotes is taken as it is. Between double quotes, and outside of
// quotes, a backslash takes the next character as it is. Nothing else has a meaning: there are no
// variables, patterns, pipes or redirections. A command that needs them names a shell, such as
// sh -c '…', or is a script.
func SplitCommand(line string) ([]string, error) {
	var args []string
	var arg strings.Builder
	started, quote := false, rune(0)
	escaped := false
	for _, r := range line {
		switch {
		case escaped:
			arg.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, started = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			arg.WriteRune(r)
		case r == '\'' || r == '"':
			quote, started = r, true
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			if started {
				args = append(args, arg.String())
				arg.Reset()
			}
			started = false
		default:
			arg.WriteRune(r)
			started = true
		}
	}
	switch {
	case quote != 0:
		return nil, fmt.Errorf("external: command %.200q: the quote %c is not closed", line, quote)
	case escaped:
		return nil, fmt.Errorf("external: command %.200q ends with a backslash", line)
	}
	if started {
		args = append(args, arg.String())
	}
	if len(args) == 0 {
		return nil, errors.New("external: the command is empty")
	}
	return args, nil
}

// The placeholders of the command of a trainer, and of the environment of its process: {base} is
// UNDERTONE_BASE.
var placeholders = []string{"base", "data", "out", "seed", "recipe"}

// placeholder matches what looks like a placeholder.
var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

// checkCommand returns an error if a command has no program or a placeholder that is not known.
func checkCommand(command, placeholders []string) error {
	if len(command) == 0 || command[0] == "" {
		return errors.New("external: the command is empty")
	}
	for _, arg := range command {
		if strings.ContainsRune(arg, 0) {
			return fmt.Errorf("external: the argument %.80q of the command has a zero byte", arg)
		}
		for _, found := range placeholder.FindAllStringSubmatch(arg, -1) {
			if !slices.Contains(placeholders, found[1]) {
				return fmt.Errorf("external: the command has the placeholder %.40q, which is not known; want {%s}", found[0], strings.Join(placeholders, "}, {"))
			}
		}
	}
	return nil
}

// fill returns the arguments with the values of the placeholders, by name. A value stays within its
// argument, whatever its characters are.
func fill(command []string, values map[string]string) []string {
	args := make([]string, len(command))
	for i, arg := range command {
		args[i] = placeholder.ReplaceAllStringFunc(arg, func(found string) string { return values[found[1:len(found)-1]] })
	}
	return args
}

// environment returns the environment of the process without the withheld variable, and with the
// values of the placeholders.
func environment(values map[string]string, withhold string) []string {
	env := os.Environ()
	if withhold != "" {
		env = slices.DeleteFunc(env, func(v string) bool { return strings.HasPrefix(v, withhold+"=") })
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		env = append(env, "UNDERTONE_"+strings.ToUpper(name)+"="+values[name])
	}
	return env
}

// namedFiles returns the regular files that a command names, in the order of the arguments: the
// program, arguments, and what follows the first equals sign of an argument. Folders, and files
// that these files name, are not among them.
func namedFiles(command []string) ([]student.TrainerFile, error) {
	var files []student.TrainerFile
	for i, arg := range command {
		names := []string{arg}
		if _, value, ok := strings.Cut(arg, "="); ok {
			names = append(names, value)
		}
		for _, name := range names {
			path := name
			if i == 0 {
				found, err := exec.LookPath(name)
				if err != nil {
					return nil, fmt.Errorf("external: the command %.200q cannot be run: %w", name, err)
				}
				path = found
			}
			if info, err := os.Stat(path); name == "" || err != nil || !info.Mode().IsRegular() {
				continue
			}
			digest, err := fileDigest(path)
			if err != nil {
				return nil, fmt.Errorf("external: file %.200q of the command: %w", name, err)
			}
			files = append(files, student.TrainerFile{Name: filepath.ToSlash(name), Digest: digest})
		}
	}
	return files, nil
}

// fileDigest returns the digest of the content of a file.
func fileDigest(path string) (undertone.Digest, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // a pipe would block
		return undertone.Digest{}, fmt.Errorf("%s is not a regular file", filepath.Base(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return undertone.Digest{}, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return undertone.Digest{}, err
	}
	return undertone.Digest(h.Sum(nil)), nil
}

// commandKey returns the digest of a command and of the files that it names.
func commandKey(command []string, files []student.TrainerFile) undertone.Digest {
	h := undertone.NewHasher("trainer").Uint(uint64(len(command)))
	for _, arg := range command {
		h.Text(arg)
	}
	h.Uint(uint64(len(files)))
	for _, f := range files {
		h.Text(f.Name).Digest(f.Digest)
	}
	return h.Sum()
}
