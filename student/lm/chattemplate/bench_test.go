package chattemplate

import (
	"os"
	"testing"
)

// BenchmarkPlace renders a row of a question and an answer, with the frame of the template and
// without.
func BenchmarkPlace(b *testing.B) {
	c := Conversation{Messages: []Message{
		{Role: "user", Content: "Continue the list of numbers, with at most ten more: 402, 178, 935."},
		{Role: "assistant", Content: "221, 847, 390, 512, 768, 144, 609, 273, 456, 981"},
	}}
	for _, name := range []string{"qwen2.5", "qwen3", "llama3.1"} {
		source, err := os.ReadFile("testdata/templates/" + name + ".jinja")
		if err != nil {
			b.Fatal(err)
		}
		t, err := Parse(string(source), Environment{Tokens: map[string]string{"bos_token": "<s>"}})
		if err != nil {
			b.Fatal(err)
		}
		for _, how := range []string{"frame", "render"} {
			b.Run("template="+name+"/by="+how, func(b *testing.B) {
				place := t.Place
				if how == "render" {
					place = t.place
				}
				for b.Loop() {
					if _, err := place(c, 1); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
