package teacher_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/teacher"
)

// slow is a scribe that takes its time.
type slow struct{ scribe }

func (s slow) Generate(ctx context.Context, r undertone.Request) (undertone.Response, error) {
	time.Sleep(time.Millisecond)
	return s.scribe.Generate(ctx, r)
}

const victim = "UNDERTONE_TEST_RECORDING" // the file that the process to be killed writes

func longConfig(m undertone.Model) teacher.Config {
	return teacher.Config{Model: m, Prompt: prompt, N: 3000, Seed: 9, Calls: teacher.Calls{Workers: 4}}
}

// TestKilledGeneration runs in a process of its own, until it is killed.
func TestKilledGeneration(t *testing.T) {
	path := os.Getenv(victim)
	if path == "" {
		t.Skip("runs as part of TestGenerateAfterKill only")
	}
	mustGenerate(t, longConfig(record(t, slow{newScribe()}, path).Model()))
}

func lines(path string) int {
	content, _ := os.ReadFile(path) // which may not be there yet
	return bytes.Count(content, []byte{'\n'})
}

// A generation that is killed twice gives the rows of an uninterrupted generation, and asks for no
// recorded row again.
func TestGenerateAfterKill(t *testing.T) {
	want := mustGenerate(t, longConfig(newScribe()))
	path := filepath.Join(t.TempDir(), "recording")
	for _, enough := range []int{100, 400} {
		process := exec.Command(os.Args[0], "-test.run=^TestKilledGeneration$")
		process.Env = append(os.Environ(), victim+"="+path)
		if err := process.Start(); err != nil {
			t.Skip("NOT CHECKED that a generation survives kill -9: cannot start a process:", err)
		}
		for patience := 60_000; lines(path) < enough && patience > 0; patience-- {
			time.Sleep(time.Millisecond)
		}
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := process.Wait(); err == nil {
			t.Fatal("the process ended before it was killed")
		}
	}
	s := newScribe()
	r := record(t, s, path)
	known := r.Len()
	if known < 399 || known >= want.Len() {
		t.Fatalf("%d of %d answers are in the recording: the kill came too early or too late to mean anything", known, want.Len())
	}
	got := mustGenerate(t, longConfig(r.Model()))
	if got.Digest() != want.Digest() || got.Len() != want.Len() {
		t.Errorf("%d rows %s, want %d rows %s", got.Len(), got.Digest().Short(), want.Len(), want.Digest().Short())
	}
	if n := s.calls.Load(); int(n) != want.Len()-known {
		t.Errorf("%d rows were asked for, want the %d that were not there", n, want.Len()-known)
	}
}

// Wherever the end of a recording is cut off, it goes on with the whole lines.
func TestRecordingTornAnywhere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "whole")
	c := teacher.Config{Model: record(t, newScribe(), path).Model(), Prompt: prompt, N: 4, Seed: 3}
	want := mustGenerate(t, c)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	header := bytes.IndexByte(whole, '\n') + 1
	for n := header; n <= len(whole); n++ {
		torn := filepath.Join(dir, "torn")
		if err := os.WriteFile(torn, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		kept := bytes.Count(whole[header:n], []byte{'\n'})
		s := scribe{calls: new(atomic.Int64)}
		r, err := teacher.Record(s, torn)
		if err != nil {
			t.Fatalf("cut after %d of %d bytes: %v", n, len(whole), err)
		}
		c.Model = r.Model()
		if got := mustGenerate(t, c); got.Digest() != want.Digest() || s.calls.Load() != int64(4-kept) {
			t.Errorf("cut after %d of %d bytes: rows %s after %d calls, want %s after %d", n, len(whole), got.Digest().Short(), s.calls.Load(), want.Digest().Short(), 4-kept)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if content, _ := os.ReadFile(torn); len(content) != len(whole) || bytes.Count(content, []byte{'\n'}) != 5 {
			t.Errorf("cut after %d of %d bytes: the continued file has %d bytes: %s", n, len(whole), len(content), content)
		}
	}
}
