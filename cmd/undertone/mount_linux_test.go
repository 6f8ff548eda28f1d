package main

import (
	"bytes"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// mounted runs the command in a file system of its own that holds the files of dir, and copies what
// the file system holds afterwards to left. It skips the test where no file system may be mounted.
func mounted(t *testing.T, options, then, dir, left string, args ...string) (stderr string, code int) {
	t.Helper()
	const script = `mount -t tmpfs -o "$0" none "$2" && cp -a "$1"/. "$2" && eval "$4" && cd "$2" || exit 99
		shift 4
		"$@"
		code=$?
		cp -a . "$LEFT" || exit 99
		exit $code`
	point := t.TempDir()
	c := command(t, dir)
	c.Args = append([]string{"unshare", "-m", "sh", "-c", script, options, dir, point, "-", then, c.Path}, args...)
	path, err := exec.LookPath("unshare")
	if err != nil {
		t.Skip("not checked: mounted file systems, since there is no unshare")
	}
	c.Path = path
	c.Env = append(c.Env, "LEFT="+left)
	var errs bytes.Buffer
	c.Stderr = &errs
	_ = c.Run()
	if code = c.ProcessState.ExitCode(); code == 99 || code == 1 && strings.HasPrefix(errs.String(), "unshare:") {
		t.Skip("not checked: mounted file systems, which this user may not mount:", errs.String())
	}
	return errs.String(), code
}

// A file system without inodes ends every verb that writes with one line, and so does a read-only
// one. The files stay as they were, and nothing else is left besides what a resumed run needs.
func TestWritersOnFileSystems(t *testing.T) {
	resumed := regexp.MustCompile(`^\.(out\.recording|model\.training)$`)
	for _, system := range []struct{ name, options, then, want string }{
		{"without inodes", "size=64m,nr_inodes=12", `i=0; while [ $i -lt 20 ] && touch "$2/full-$i"; do i=$((i+1)); done 2>/dev/null; [ $i -lt 20 ]`, "no space left on device"},
		{"read-only", "size=64m", `mount -o remount,ro "$2"`, "read-only file system"},
	} {
		t.Run(system.name, func(t *testing.T) {
			for i, w := range writers {
				if testing.Short() && i%6 != 0 {
					continue
				}
				given := writerFiles()
				dir, left := folder(t, given), filepath.Join(t.TempDir(), "left")
				stderr, code := mounted(t, system.options, system.then, dir, left, strings.Fields(w.args)...)
				if code != 2 || !strings.Contains(stderr, system.want) || strings.Count(stderr, "\n") != 1 {
					t.Errorf("%s: exit code %d, %q", w.args, code, stderr)
				}
				got := files(t, left)
				maps.DeleteFunc(got, func(name, _ string) bool {
					return resumed.MatchString(name) || strings.HasPrefix(name, "full-")
				})
				if !maps.Equal(got, given) {
					t.Errorf("%s: the files are %q", w.args, got)
				}
			}
		})
	}
}
