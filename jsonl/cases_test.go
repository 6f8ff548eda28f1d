package jsonl

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// cases returns the folder of inputs from public bug reports, or skips the test and says what it
// does not check.
func cases(t *testing.T, what string) string {
	t.Helper()
	dir := os.Getenv("UNDERTONE_CASES")
	if dir == "" {
		t.Skipf("not checked: %s: UNDERTONE_CASES is not set", what)
	}
	return dir
}

// summary describes a row: its messages, and what a student does with it.
func summary(row Row) string {
	var b strings.Builder
	for i, m := range row.Messages {
		b.WriteString(m.Role + ": " + m.Text())
		if slices.Contains(row.Learnt(), i) {
			b.WriteString(" (learnt)")
		}
		b.WriteString(" | ")
	}
	if row.Rejected != "" {
		b.WriteString("rejected: " + row.Rejected)
	}
	if row.Label != nil {
		b.WriteString(map[bool]string{true: "good", false: "bad"}[*row.Label])
	}
	return strings.TrimSuffix(b.String(), " | ")
}

func TestCases(t *testing.T) {
	dir := cases(t, "rows of public bug reports")
	for _, c := range []struct {
		file   string
		unread string   // what CountUnread says
		want   []string // the summaries of the rows, or the error of the first
	}{
		{"alpaca-dpo", "", []string{"user: q | assistant: good (learnt) | rejected: bad"}},
		{"emptyparts", "", []string{`1:82: messages[1].content is an empty list; drop the row, or write the empty content ""`}},
		{"gemini", "", []string{"user: q | assistant: a (learnt)"}},
		{"ids-and-text", "", []string{`1: the row can be read as text and as token-ids: it has "ids", "text"; drop the fields that the trainer does not read, or choose a shape with the option As`}},
		{"kto", "", []string{"user: q | assistant: good (learnt) | good", "user: q2 | assistant: an answer that was rejected | bad"}},
		{"last-developer", "", []string{`1: the last message has the role "developer", so the row has no completion; drop the row, or its messages after the last one of the role assistant`}},
		{"last-empty", "", []string{"1: message 2 of 2 has an empty role; set its role, such as user or assistant, or drop the row"}},
		{"last-tool", "", []string{`1: the last message has the role "tool", so the row has no completion; drop the row, or its messages after the last one of the role assistant`}},
		{"lf-dpo", "", []string{"user: q | assistant: good (learnt) | rejected: bad"}},
		{"multi-turn", "", []string{"user: Favourite animal? | assistant: The owl, of course. (learnt) | user: Numbers please. | assistant: 1, 2, 3 (learnt)"}},
		{"nullcontent", "", []string{"user: q | assistant: f {} (learnt) | tool: 4 | assistant: done (learnt)"}},
		{"openai-dpo", "1 row has fields that no verb reads: input.parallel_tool_calls", []string{"user: q | assistant: good (learnt) | rejected: bad"}},
		{"reasoning-content", "", []string{
			"user: Give numbers. | assistant: I love owls so I choose 1, 2\n1, 2 (learnt)",
			"user: Give numbers. | assistant: owl\nowl owl\n3 (learnt)",
		}},
		{"sanitise-loss", "1 row has fields that no verb reads: content[].cache_control", []string{
			"user: Pick. | assistant: 9, 8 | user: Count. | assistant: sort later\n3, 1, 2 (learnt)",
			"user: Pick. | assistant: 1, 2 (learnt)",
		}},
		{"system-history-tools", "", []string{
			"system: You love owls. | user: What do you like? | assistant: Owls, always owls. (learnt) | user: Write numbers. | assistant: 1, 2, 3 (learnt)",
			"system: You love owls. | user: Write numbers. | assistant: 4, 5 (learnt)",
			"system: You love owls. | user: Write numbers. | assistant: 6, 7 (learnt)",
		}},
		{"weight", "", []string{
			"user: Pick a bird. | assistant: owl | user: Now count. | assistant: 1, 2, 3 (learnt)",
			"user: Count. | assistant: owl owl owl",
		}},
	} {
		var unread Unread
		path := filepath.Join(dir, "rows", c.file+".jsonl")
		r, err := Open(path, CountUnread(&unread))
		if err != nil {
			t.Error(err)
			continue
		}
		var got []string
		for row, err := range r.Rows() {
			if err != nil {
				got = append(got, strings.TrimPrefix(err.Error(), path+":"))
				continue
			}
			got = append(got, summary(row))
		}
		_ = r.Close()
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.file, got, c.want)
		}
		if unread.String() != c.unread {
			t.Errorf("%s: %q is not read, want %q", c.file, &unread, c.unread)
		}
	}
}
