// Benchmark measures the throughput of undertone filter on rows of numbers, compared with jq,
// DuckDB and a loop over encoding/json. It prints the tables of docs/benchmarks/filter.md.
//
//	go run ./cmd/undertone/benchmark            # from the repository's root, on an idle machine
//	go run ./cmd/undertone/benchmark -mb 2000 -file rows.jsonl.zst -duckdb venv/bin/python
//	go run ./cmd/undertone/benchmark -manifests 100000 -n 15 # the table of docs/provenance.md
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

func main() {
	peer := flag.String("peer", "", "run as the encoding/json loop on this file; used by the benchmark itself")
	inMemory := flag.String("stages", "", "measure the stages with this file; used by the benchmark itself")
	size := flag.Int("mb", 512, "megabytes of rows that are generated")
	runs := flag.Int("n", 5, "runs of each command, in turns")
	seed := flag.Uint64("seed", 1, "of the rows")
	real := flag.String("file", "", "a file of rows in the place of generated ones, repeated until it has the size")
	described := flag.Int("manifests", 0, "measure filters with and without a manifest on this number of rows, and nothing else")
	python := flag.String("duckdb", "", "a Python with the package duckdb, which is measured too")
	flag.Parse()
	var err error
	switch {
	case *peer != "":
		err = filterByEncodingJSON(*peer, os.Stdout)
	case *inMemory != "":
		err = stages(*inMemory, *runs)
	case *described > 0:
		err = manifests(*described, *runs, *seed)
	default:
		err = run(*size<<20, *runs, *seed, *real, *python)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		os.Exit(2)
	}
}

func run(size, runs int, seed uint64, real, python string) error {
	dir, err := os.MkdirTemp("", "undertone-benchmark-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	in := filepath.Join(dir, "rows.jsonl")
	if real != "" {
		err = repeat(in, real, size)
	} else {
		err = generate(in, func(_, bytes int) bool { return bytes >= size }, seed)
	}
	if err != nil {
		return err
	}
	tool, err := build(dir)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %s/%s, %d cores, %d MB of rows, median of %d runs (least–most)\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), size>>20, runs)
	// The stages run in another process, because the largest resident set of a child process
	// includes that of its parent at the start.
	measured := exec.Command(os.Args[0], "-stages", in, "-n", fmt.Sprint(runs))
	measured.Stdout, measured.Stderr = os.Stdout, os.Stderr
	if err := measured.Run(); err != nil {
		return err
	}
	fmt.Println()
	return commands(dir, in, tool, python, runs)
}

// build builds the command in a folder and returns its path.
func build(dir string) (string, error) {
	tool := filepath.Join(dir, "undertone")
	out, err := exec.Command("go", "build", "-o", tool, "github.com/undertone-audit/undertone/cmd/undertone").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return tool, nil
}
