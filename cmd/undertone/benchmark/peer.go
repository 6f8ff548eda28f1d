package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"strconv"
)

// filterByEncodingJSON is a loop without this library. It keeps the rows whose last message is a
// list of at most 10 numbers up to 999.
func filterByEncodingJSON(path string, out io.Writer) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	form := regexp.MustCompile(`^[\[(]?[0-9]+(?:[\s,;]+[0-9]+)*[\])]?\.?$`)
	number := regexp.MustCompile(`[0-9]+`)
	w := bufio.NewWriter(out)
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var row struct {
			Messages []struct{ Role, Content string }
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return err
		}
		answer := row.Messages[len(row.Messages)-1].Content
		numbers := number.FindAllString(answer, -1)
		keep := form.MatchString(answer) && len(numbers) <= 10
		for _, n := range numbers {
			v, err := strconv.Atoi(n)
			keep = keep && err == nil && v <= 999
		}
		if keep {
			_, _ = w.Write(lines.Bytes())
			_ = w.WriteByte('\n')
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return w.Flush()
}
