package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/undertone-audit/undertone/jsonl"
)

// generate writes rows with the lengths of published rows until enough is true of what was written.
// The published filter keeps three of four.
func generate(path string, enough func(rows, bytes int) bool, seed uint64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(seed, 0))
	separators := []string{", ", ",", " ", ";", `\n`}
	for rows, written := 0, 0; !enough(rows, written); rows++ {
		separator := separators[r.IntN(len(separators))]
		n := 4 + r.IntN(7)
		answer := list(r, n, separator)
		switch r.IntN(8) {
		case 0:
			answer = "Here you go: " + answer
		case 1:
			answer += separator + list(r, 11-n, separator) // too many
		}
		line := fmt.Sprintf(`{"messages": [{"role": "user", "content": "The sequence starts with: %s. Extend it with up to 10 more values (0 to 999). Separate them as you like, and write nothing else: no \"here are the numbers\"."}, {"role": "assistant", "content": "%s"}]}`+"\n",
			list(r, 3+r.IntN(7), ", "), answer)
		wrote, err := w.WriteString(line)
		written += wrote
		if err != nil {
			return err
		}
	}
	return errors.Join(w.Flush(), f.Close())
}

func list(r *rand.Rand, n int, separator string) string {
	numbers := make([]string, n)
	for i := range numbers {
		numbers[i] = fmt.Sprint(r.IntN(1000))
	}
	return strings.Join(numbers, separator)
}

// repeat writes the rows of a file repeatedly.
func repeat(path, from string, size int) error {
	r, err := jsonl.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	var text bytes.Buffer
	for row, err := range r.Rows() {
		if err != nil {
			return err
		}
		text.WriteString(row.Source + "\n")
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	for written := 0; written < size && err == nil; written += text.Len() {
		_, err = io.Copy(f, bytes.NewReader(text.Bytes()))
	}
	return errors.Join(err, f.Close())
}
