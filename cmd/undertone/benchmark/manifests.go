package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// manifestFilters are the filters with which the cost of manifests is measured, the cheapest first.
var manifestFilters = []string{"numbers", "numbers,duplicates", "numbers,words,encoded,duplicates,near-duplicates"}

// manifests measures the processor time of filter with and without a manifest. The two run in
// turns. It prints the medians per row, and what the SHA-256 of the bytes of a row costs.
func manifests(rows, runs int, seed uint64) error {
	dir, err := os.MkdirTemp("", "undertone-benchmark-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	in := filepath.Join(dir, "rows.jsonl")
	if err := generate(in, func(n, _ int) bool { return n >= rows }, seed); err != nil {
		return err
	}
	tool, err := build(dir)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	perRow := len(text) / rows
	fmt.Printf("%s, %s/%s, %d rows of %d bytes, processor time per row, medians of %d pairs\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, rows, perRow, runs)
	fmt.Println("| filters | without | with | of each pair, with − without | overhead |")
	fmt.Println("|---|---|---|---|---|")
	for _, filters := range manifestFilters {
		if err := measureManifest(dir, tool, in, filters, rows, runs); err != nil {
			return err
		}
	}
	fmt.Printf("\nOne SHA-256 of %d bytes: %.2f µs; of an inner node of the Merkle tree (65 bytes): %.2f µs\n", perRow, 1e6*hashSeconds(text[:perRow]), 1e6*hashSeconds(text[:65]))
	return nil
}

// measureManifest prints a row of the table.
func measureManifest(dir, tool, in, filters string, rows, runs int) error {
	args := []string{tool, "filter", "--in", in, "--out", filepath.Join(dir, "kept.jsonl"), "--filters", filters}
	if strings.Contains(filters, "words") {
		args = append(args, "--words.lexicons", "owl", "--encoded.lexicons", "owl")
	}
	with := &candidate{name: filters + " with a manifest", args: args}
	without := &candidate{name: filters + " without a manifest", args: append(slices.Clip(args), "--no-manifest")}
	for range runs {
		for _, c := range []*candidate{without, with} {
			if err := c.run(); err != nil {
				return err
			}
		}
	}
	more := make([]float64, runs)
	for i := range more {
		more[i] = with.cpu[i] - without.cpu[i]
	}
	scale := 1e6 / float64(rows)
	fmt.Printf("| %s | %.2f µs | %.2f µs | %.2f µs | %.0f %% |\n", "`"+strings.ReplaceAll(filters, ",", "`, `")+"`",
		scale*median(without.cpu), scale*median(with.cpu), scale*median(more), 100*median(more)/median(without.cpu))
	return nil
}

// hashSeconds returns the processor time of the SHA-256 of a text in seconds, the least of 9.
func hashSeconds(text []byte) float64 {
	const calls = 200_000
	var all []float64
	for range 9 {
		start := cpuSeconds()
		for range calls {
			sum := sha256.Sum256(text)
			text[0] ^= sum[0]
		}
		all = append(all, (cpuSeconds()-start)/calls)
	}
	return slices.Min(all)
}

// median returns the median of values.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
