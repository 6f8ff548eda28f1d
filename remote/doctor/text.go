package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// textLengths is checks 1 and 2 of a server that takes text. The client compares the spelling of
// the tokens with the text, and checks the entries, in every answer.
func (s *session) textLengths(ctx context.Context) (string, error) {
	n := 0
	for _, a := range s.Answers {
		tokens, logs, err := s.Text.ScoreText(ctx, s.Prompt, " "+a)
		if err != nil {
			return "", err
		}
		if len(tokens) != len(logs) || len(logs) == 0 {
			return "", fmt.Errorf("%d log-probabilities for %d tokens of the answer %q", len(logs), len(tokens), a)
		}
		n += len(logs)
	}
	return fmt.Sprintf("%d texts, %d tokens", len(s.Answers), n), nil
}

// textForced is check 3. A text may have other tokens when the server reads it than when it wrote
// it; the comparison ends there.
func (s *session) textForced(ctx context.Context) (string, error) {
	most, compared := 0.0, 0
	for _, prompt := range []string{s.Prompt, s.Prompt + " " + s.Answers[0], s.Prompt + " " + s.Answers[len(s.Answers)-1]} {
		written, logs, err := s.Text.ExtendText(ctx, prompt, continued)
		if err != nil {
			return "", err
		}
		if part := slices.IndexFunc(written, func(t string) bool { return strings.Contains(t, "\uFFFD") }); part >= 0 {
			written, logs = written[:part], logs[:part] // a part of a character is no text
		}
		text := strings.Join(written, "")
		if text == "" {
			continue
		}
		read, given, err := s.Text.ScoreText(ctx, prompt, text)
		if err != nil {
			return "", err
		}
		n := 0
		for n < len(read) && n < len(written) && read[n] == written[n] {
			n++
		}
		d, err := largest(logs[:n], given[:n], "when it is generated and when it is given")
		if err != nil {
			return "", err
		}
		most, compared = max(most, d), compared+n
	}
	if compared == 0 {
		return "", errors.New("no generated token could be compared: the server reads its own text as other tokens")
	}
	return fmt.Sprintf("%d tokens, largest difference %.2g nats", compared, most), nil
}

// textOnly is the checks of adapters and batches.
func (s *session) textOnly(context.Context) (string, error) {
	return "", fmt.Errorf("%w: the server takes one text per request, and knows no adapters", errSkip)
}

// textTwice is check 8.
func (s *session) textTwice(ctx context.Context) (string, error) {
	var logs [2][]float64
	for i := range logs {
		var err error
		if _, logs[i], err = s.Text.ScoreText(ctx, s.Prompt, " "+s.Answers[0]); err != nil {
			return "", err
		}
	}
	d, err := largest(logs[0], logs[1], "the first and the second time")
	return fmt.Sprintf("largest difference %.2g nats", d), err
}
