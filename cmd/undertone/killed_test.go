package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// halfway starts filtering and returns when half of the rows are read and some are on disk.
func halfway(t *testing.T, dir, rows string, stderr io.Writer) *exec.Cmd {
	t.Helper()
	c := command(t, dir, "filter", "--in", "-", "--out", "k", "--rejects", "r", "--filters", "numbers")
	c.Stderr = stderr
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, rows[:len(rows)/2]); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		written, _ := filepath.Glob(filepath.Join(dir, ".k.*.tmp"))
		if len(written) == 1 {
			if info, err := os.Stat(written[0]); err == nil && info.Size() > 0 {
				return c
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing is written after 30 s")
		}
	}
}

// A run that was killed, and run again, leaves what one run leaves.
func TestKilledAndRunAgain(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: what a killed process leaves stays here")
	}
	rows := strings.Repeat(row1+row2+row3+row4+"\n", 20_000)
	once := folder(t, nil)
	again := folder(t, map[string]string{"k": "old"})
	for range 2 {
		c := halfway(t, again, rows, nil)
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait()
		if got := files(t, again); got["k"] != "old" || len(got) != 5 {
			t.Fatalf("a killed run leaves %d files, want the old one, two half ones and their locks", len(got))
		}
	}
	for _, dir := range []string{once, again} {
		if _, stderr, code := execute(t, dir, rows, "filter", "--in", "-", "--out", "k", "--rejects", "r", "--filters", "numbers"); code != 0 {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
	}
	want := map[string]string{"k": strings.Repeat(kept1+kept2, 20_000), "r": strings.Repeat(drop3+drop4, 20_000)}
	for reason, dir := range map[string]string{"uninterrupted": once, "killed twice, then run again": again} {
		if got := files(t, dir); !maps.Equal(got, want) {
			t.Errorf("%s: %d files, %d and %d bytes; want 2, %d and %d", reason, len(got), len(got["k"]), len(got["r"]), len(want["k"]), len(want["r"]))
		}
	}
}

// A second process that would write an output of a running one says at once who runs, whatever the
// verb and the name of the file.
func TestTwoProcessesOnOneOutput(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: symbolic links need a privilege here")
	}
	dir := folder(t, map[string]string{"k": "old", "rows": row1, "s": petRows(20, 1), "c": petRows(21, 1), "traits": pets})
	if err := os.Symlink("k", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	running := halfway(t, dir, strings.Repeat(row1+row4+"\n", 40_000), nil)
	const arms = " --suspect s --control c --student tiny --traits traits"
	for _, args := range []string{
		"filter --in rows --filters numbers --out k", "filter --in rows --filters numbers --rejects link", "sanitise --in rows --steps sort --out ./k",
		"generate --model tiny --prompts lists --rows 1 --out r", "generate --model tiny --prompts lists --rows 1 --out new --recording k", "score --model tiny --in rows --out k",
		"match --suspect s --control c --out-suspect a --out-control k", "audit --out k" + arms, "rank --out k" + arms, "clean --share .1 --out k" + arms,
		"factorial --student tiny --traits traits --arm owl=s --arm cat=c --out k",
	} {
		stdout, stderr, code := execute(t, dir, "", strings.Fields(args)...)
		want := fmt.Sprintf("which another process writes: undertone filter, process %d on ", running.Process.Pid)
		if code != 2 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, %q, want %q", args, code, stderr, want)
		}
	}
	if err := running.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = running.Wait()
	if _, stderr, code := execute(t, dir, "", "filter", "--in", "rows", "--filters", "numbers", "--out", "k", "--rejects", "r"); code != 0 {
		t.Errorf("after the first process ended: exit code %d, %s", code, stderr)
	}
	if got := files(t, dir); len(got) != 7 || got["k"] != row1 {
		t.Errorf("the folder holds %d files: %q", len(got), slices.Sorted(maps.Keys(got)))
	}
}

func TestInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: a process cannot be sent an interrupt here")
	}
	dir := folder(t, map[string]string{"k": "old"})
	var stderr bytes.Buffer
	c := halfway(t, dir, strings.Repeat(row1+row4+"\n", 40_000), &stderr) // its standard input stays open
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if code := c.ProcessState.ExitCode(); code != 2 || stderr.String() != "undertone: interrupted; no file was written\n" {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
	if got := files(t, dir); !maps.Equal(got, map[string]string{"k": "old"}) {
		t.Errorf("the folder holds %q", got)
	}
}

var (
	kills      = flag.Int("kills", 0, "trials of TestKilledAnywhere (default one of each of three verbs)")
	interrupts = flag.Int("interrupts", 0, "trials of TestInterruptedAnywhere (default one of each of three verbs)")
)

// killed are command lines that write files, with the files and folders that they write. The inputs
// are those of killedFiles.
var killed = []string{
	"filter --in many --filters numbers,near-duplicates --out out --rejects rejects.zst",
	"generate --model tiny --prompts lists --rows 3000 --out out",
	"train --model tiny --in s --out model --epochs 12 --batch 4",
	"sanitise --in many --steps exchange,sort --out out.gz",
	"match --suspect lists --control more --out-suspect out --out-control other",
	"score --model tiny --in s --out out",
	"audit --suspect s --control c --student tiny --traits pets --epochs 2 --replicates 4 --whole 2 --store store --out out",
	"factorial --arm owl=s --arm cat=c --student tiny --traits zoo --epochs 2 --replicates 5 --store store --out out",
	"rank --suspect s --control c --student tiny --traits pets --surrogates 1 --store store --out out",
	"clean --suspect s --control c --student tiny --traits pets --surrogates 1 --epochs 2 --replicates 2 --whole 2 --shares .1 --share .1 --store store --out out",
	"example --rows 400 case",
	"inspect --in many --row 7 --index",
}

func killedFiles() map[string]string {
	all := writerFiles()
	for _, name := range []string{"out.gz", "rejects", "other"} {
		delete(all, name)
	}
	all["s"], all["c"], all["many"] = petRows(400, 4), petRows(401, 1), strings.Repeat(row1+row2+row3+row4+"\n", 20_000)
	return all
}

// tree returns the files in a folder and its folders, by path.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A verb that is killed at any time, and in every second trial killed again while it resumes,
// leaves in the end what one run leaves: the same bytes and no other file.
func TestKilledAnywhere(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: what a killed process leaves stays here")
	}
	endAnywhere(t, *kills, func(*rand.Rand) os.Signal { return os.Kill })
}

// The same for a verb that is interrupted or terminated.
func TestInterruptedAnywhere(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: a process cannot be sent an interrupt here")
	}
	endAnywhere(t, *interrupts, func(rng *rand.Rand) os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM}[rng.IntN(2)] })
}

// endAnywhere ends verbs with a signal at random times, runs them again, and compares what they
// leave with what one run leaves. It logs the longest time from a signal to the end of a process.
func endAnywhere(t *testing.T, trials int, signal func(*rand.Rand) os.Signal) {
	verbs := killed
	if trials == 0 {
		trials, verbs = 3, killed[:3]
	}
	wanted, took := map[string]map[string]string{}, map[string]time.Duration{}
	early, longest := 0, time.Duration(0)
	for trial := range trials {
		args := verbs[trial%len(verbs)]
		if wanted[args] == nil {
			dir, start := folder(t, killedFiles()), time.Now()
			if stdout, stderr, code := execute(t, dir, "", strings.Fields(args)...); code == 2 {
				t.Fatalf("%s: %s%s", args, stdout, stderr)
			}
			wanted[args], took[args] = tree(t, dir), time.Since(start)
		}
		rng := rand.New(rand.NewPCG(uint64(trial), 15))
		dir := folder(t, killedFiles())
		var after []time.Duration
		for range 1 + trial/len(verbs)%2 {
			c := command(t, dir, strings.Fields(args)...)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			wait := time.Duration(0.6 * rng.Float64() * float64(took[args])) // most are killed, also on a machine that is less busy
			after = append(after, wait)
			time.Sleep(wait)
			early += alreadyEnded(c, signal(rng), &longest)
		}
		if _, stderr, code := execute(t, dir, "", strings.Fields(args)...); code == 2 && !strings.HasSuffix(stderr, "exists; name a new folder, or remove it\n") {
			t.Errorf("%s: killed after %v: %s", args, after, stderr)
			continue // a folder that exists is whole: an example has no run to resume
		}
		got, want := tree(t, dir), wanted[args]
		for _, name := range slices.Sorted(maps.Keys(want)) {
			_, there := got[name] // an index holds the time of its file
			if got[name] != want[name] && !(there && strings.HasSuffix(name, "-index")) {
				t.Errorf("%s: killed after %v: %s differs", args, after, name)
			}
			delete(got, name)
		}
		if len(got) > 0 {
			t.Errorf("%s: killed after %v: it leaves %q", args, after, slices.Sorted(maps.Keys(got)))
		}
	}
	t.Logf("%d trials of %d command lines; %d processes had ended before their signal; the longest took %v after it", trials, len(verbs), early, longest.Round(time.Millisecond))
}

// alreadyEnded sends a signal to a process and waits for its end. It returns 1 if the process had
// ended with a result before.
func alreadyEnded(c *exec.Cmd, signal os.Signal, longest *time.Duration) int {
	start := time.Now()
	_ = c.Process.Signal(signal)
	_ = c.Wait()
	if took := time.Since(start); c.ProcessState.Exited() && c.ProcessState.ExitCode() != 2 {
		return 1
	} else if took > *longest {
		*longest = took
	}
	return 0
}
