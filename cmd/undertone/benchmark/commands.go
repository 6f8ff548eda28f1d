package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// candidate is a command that filters the rows, with its measurements.
type candidate struct {
	name string
	env  string
	args []string
	out  string // file of its standard output, or ""

	seconds []float64
	cpu     []float64 // seconds of all cores, in the program and in the kernel
	memory  int64     // largest resident set, in bytes
}

// commands measures whole commands, which run in turns. Each of them writes to a new file.
func commands(dir, in, tool, python string, runs int) error {
	zst := in + ".zst"
	if out, err := exec.Command(tool, "filter", "--in", in, "--out", zst, "--length.max-runes", "1000000000").CombinedOutput(); err != nil {
		return fmt.Errorf("compress: %w\n%s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	kept, rejects := filepath.Join(dir, "kept.jsonl"), filepath.Join(dir, "rejects.jsonl")
	filter := []string{tool, "filter", "--out", kept, "--rejects", rejects, "--filters", "numbers", "--in"}
	words := []string{tool, "filter", "--out", kept, "--words.lexicons", "owl", "--in"}
	all := []*candidate{
		{name: "undertone filter, plain", env: "GOMAXPROCS=1", args: append(filter[:len(filter):len(filter)], in)},
		{name: "undertone filter, plain", args: append(filter[:len(filter):len(filter)], in)},
		{name: "undertone filter, zstd", env: "GOMAXPROCS=1", args: append(filter[:len(filter):len(filter)], zst)},
		{name: "undertone filter, zstd", args: append(filter[:len(filter):len(filter)], zst)},
		{name: "undertone filter, words of a lexicon", args: append(words, in)},
		{name: "undertone filter, near-duplicates", args: []string{tool, "filter", "--out", kept, "--filters", "near-duplicates", "--in", in}},
		{name: "encoding/json loop, plain, no rejects", env: "GOMAXPROCS=1", args: []string{self, "-peer", in}, out: kept},
	}
	if jq, err := exec.LookPath("jq"); err == nil {
		all = append(all, &candidate{name: "jq select(test(…)), plain, no rejects", out: kept, args: []string{jq, "-c",
			`select(.messages[-1].content | test("^[\\[(]?[0-9]{1,3}(([ ,;\\n]|, |; )[0-9]{1,3}){0,9}[\\])]?\\.?$"))`, in}})
	}
	if python != "" {
		for _, how := range []string{"lines", "columns"} {
			name, args := "DuckDB, "+how+", plain, no rejects", []string{python, "-c", duckDB, in, kept, how}
			all = append(all, &candidate{name: name, env: "THREADS=1", args: args}, &candidate{name: name, args: args})
		}
	}
	for range runs {
		for _, c := range all {
			if err := c.run(); err != nil {
				return err
			}
		}
	}
	size, err := os.Stat(in)
	if err != nil {
		return err
	}
	fmt.Println("| command | cores | MB/s of plain rows | MB per second of CPU time | largest resident set |")
	fmt.Println("|---|---|---|---|---|")
	for _, c := range all {
		cores := fmt.Sprint(runtime.NumCPU())
		if c.env != "" || strings.HasPrefix(c.name, "jq") {
			cores = "1"
		}
		fmt.Printf("| %s | %s | %s | %s | %d MB |\n", c.name, cores, rates(int(size.Size()), c.seconds), rates(int(size.Size()), c.cpu), c.memory>>20)
	}
	return nil
}

func (c *candidate) run() error {
	cmd := exec.Command(c.args[0], c.args[1:]...)
	cmd.Env = append(os.Environ(), c.env)
	if c.env == "" {
		cmd.Env = os.Environ()
	}
	cmd.Stderr = os.Stderr
	if c.out != "" {
		f, err := os.Create(c.out)
		if err != nil {
			return err
		}
		defer f.Close()
		cmd.Stdout = f
	}
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	c.seconds = append(c.seconds, time.Since(start).Seconds())
	c.cpu = append(c.cpu, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	c.memory = max(c.memory, resident(cmd.ProcessState))
	return nil
}
