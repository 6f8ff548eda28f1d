package main

import (
	"bytes"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
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
		if got := files(t, again); got["k"] != "old" || len(got) != 3 {
			t.Fatalf("a killed run leaves %d files, want the old one and two half ones", len(got))
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
