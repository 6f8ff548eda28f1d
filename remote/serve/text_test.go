package serve

import (
	"net/http"
	"strings"
	"testing"
)

// Text that a decoder of JSON would replace is refused.
func TestTextThatIsReplaced(t *testing.T) {
	s := newServer(t, Config{})
	for _, c := range []struct {
		reason, prompt, want string
	}{
		{"a byte that is not UTF-8", "a\xffb", "not valid UTF-8"},
		{"a surrogate in UTF-8", "\xed\xa0\x80", "not valid UTF-8"},
		{"a high half at the end", `a\ud83d`, `half of a surrogate pair, \ud83d`},
		{"a low half", `\ude00a`, `half of a surrogate pair, \ude00`},
		{"halves in the wrong order", `\ude00\ud83d`, `half of a surrogate pair, \ude00`},
		{"two high halves", `\ud83d\ud83d\ude00`, `half of a surrogate pair, \ud83d`},
		{"a half before another escape", `\ud83d\u0041`, `half of a surrogate pair, \ud83d`},
		{"a half behind an escaped backslash", `\\\ud83d`, `half of a surrogate pair, \ud83d`},
		{"a pair", `\ud83d\uDE00`, ""},
		{"an escaped backslash before the letter u", `\\ud83d`, ""},
		{"a letter", `\u00e9`, ""},
	} {
		for _, path := range []string{"/v1/completions", "/tokenize"} {
			w := send(s, path, `{"max_tokens":1,"prompt":"`+c.prompt+`"}`)
			if c.want == "" && w.Code != http.StatusOK || c.want != "" && (w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), strings.ReplaceAll(c.want, `\`, `\\`))) {
				t.Errorf("%s: %s: status %d, %s; want %q", path, c.reason, w.Code, w.Body, c.want)
			}
		}
	}
}
