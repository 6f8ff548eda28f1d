package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"

	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/jsonl"
)

// stages measures the stages of filtering from memory, on one core.
func stages(path string, runs int) error {
	const most = 64 << 20
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(f, most))
	_ = f.Close()
	if err != nil {
		return err
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	fmt.Println("| stage, from memory, 1 core | MB per second of CPU time |")
	fmt.Println("|---|---|")
	for _, s := range []struct {
		name string
		upTo int
	}{{"cut into blocks of lines", 0}, {"… and read as rows", 1}, {"… and judged by `numbers`", 2}} {
		var seconds []float64
		for range runs {
			start := cpuSeconds()
			if err := pass(text, s.upTo); err != nil {
				return err
			}
			seconds = append(seconds, cpuSeconds()-start)
		}
		fmt.Printf("| %s | %s |\n", s.name, rates(len(text), seconds))
	}
	return nil
}

func pass(text []byte, upTo int) error {
	numbers := filter.Numbers{}
	for b, err := range jsonl.NewReader("rows", bytes.NewReader(text)).Blocks() {
		if err != nil {
			return err
		}
		if upTo == 0 {
			continue
		}
		for row, err := range b.Rows() {
			if err != nil {
				return err
			}
			if upTo > 1 {
				numbers.Reasons(row.Example)
			}
		}
	}
	return nil
}

// rates returns the median rate and the range, in millions of bytes per second.
func rates(size int, seconds []float64) string {
	slices.Sort(seconds)
	rate := func(s float64) float64 { return float64(size) / s / 1e6 }
	return fmt.Sprintf("%.0f (%.0f–%.0f)", rate(seconds[len(seconds)/2]), rate(seconds[len(seconds)-1]), rate(seconds[0]))
}
