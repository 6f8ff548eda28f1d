package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/undertone-audit/undertone/internal/escape"
)

// prompter asks questions on a terminal.
type prompter struct {
	in  *bufio.Reader // nil without a terminal
	out io.Writer
}

func newPrompter(c console) *prompter {
	p := &prompter{out: c.stderr}
	if f, ok := c.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.in = bufio.NewReader(f)
	}
	return p
}

// answer sets the value of a question unless it is set, and checks it. On a terminal it asks until
// the answer is valid.
func (p *prompter) answer(ctx context.Context, q asked) error {
	if *q.value != "" || p.in == nil {
		return q.settle(*q.value)
	}
	for {
		fmt.Fprintf(p.out, "%s%s: ", q.text, q.shownDefault())
		line, err := p.line(ctx)
		if err != nil {
			return err
		}
		if err = q.settle(strings.TrimSpace(line)); err == nil {
			return nil
		}
		fmt.Fprintln(p.out, escape.Text(err.Error()))
	}
}

// settle sets the value of a question to an answer, or to its default if the answer is empty.
func (q asked) settle(answer string) error {
	if answer == "" {
		answer = q.otherwise
	}
	if answer == "" {
		if q.optional {
			return nil
		}
		return fmt.Errorf("--%s is missing: %s", q.flag, strings.ToLower(q.text[:1])+q.text[1:])
	}
	if q.check != nil {
		if err := q.check(answer); err != nil {
			if strings.HasPrefix(err.Error(), "--"+q.flag) {
				return err
			}
			return fmt.Errorf("--%s: %w", q.flag, err)
		}
	}
	*q.value = answer
	return nil
}

func (q asked) shownDefault() string {
	if q.otherwise == "" {
		return ""
	}
	return " (default " + q.otherwise + ")"
}

// line reads a line.
func (p *prompter) line(ctx context.Context) (string, error) {
	type read struct {
		line string
		err  error
	}
	answer := make(chan read, 1)
	go func() {
		line, err := p.in.ReadString('\n')
		answer <- read{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-answer:
		if errors.Is(r.err, io.EOF) {
			return "", errors.New("the input ended before the answer; nothing was written")
		}
		return r.line, r.err
	}
}
