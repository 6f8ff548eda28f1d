package lm

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// The templates of the cases are rendered.
func TestTemplateCases(t *testing.T) {
	dir := cases(t, "templates")
	row := chat("user", "Q", "assistant", "A")
	two := chat("user", "Q", "assistant", "A", "user", "R", "assistant", "B")
	for _, c := range []struct {
		folder, one, two string
	}{
		{"chatml-bos", "<s><|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\nA<|im_end|>",
			"<s><|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n<|im_start|>user\nR<|im_end|>\n<|im_start|>assistant\nB<|im_end|>"},
		{"chatml-think", "<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\nA<|im_end|>",
			"<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n<|im_start|>user\nR<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\nB<|im_end|>"},
		{"mistral-v1new", "<s> [INST] Q [/INST] A</s>", "<s> [INST] Q [/INST] A</s> [INST] R [/INST] B</s>"},
		{"jsonfile", "<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\nA<|im_end|>",
			"<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n<|im_start|>user\nR<|im_end|>\n<|im_start|>assistant\nB<|im_end|>"},
		{"dict", "<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\nA<|im_end|>",
			"<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n<|im_start|>user\nR<|im_end|>\n<|im_start|>assistant\nB<|im_end|>"},
	} {
		t.Run(c.folder, func(t *testing.T) {
			m, err := Load(filepath.Join(dir, c.folder))
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range []struct {
				row  undertone.Example
				want string
			}{{row, c.one}, {two, c.two}} {
				if got, err := m.Render(r.row); err != nil || got != r.want {
					t.Errorf("%q (%v), want %q", got, err, r.want)
				}
				e, err := m.encode(r.row)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range e.learnt {
					if learnt := strings.TrimPrefix(m.spell(e.tokens[s.from:s.to], true), " "); !s.ended || learnt != r.row.Messages[s.message].Content+m.tok.Token(m.end) {
						t.Errorf("message %d learns %q", s.message, learnt)
					}
				}
			}
		})
	}
}
