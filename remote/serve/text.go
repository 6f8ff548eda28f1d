package serve

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// checkText returns an error if the body of a request is not UTF-8, or has half of a surrogate pair
// as an escape: decoders of JSON replace both by U+FFFD, so that other text would be scored than
// was sent.
func checkText(body []byte) error {
	if !utf8.Valid(body) {
		return invalid("", "the request is not valid UTF-8")
	}
	for i := 0; i < len(body)-1; i++ {
		if body[i] != '\\' {
			continue
		}
		i++
		r, ok := escapeAt(body, i-1)
		if !ok || !utf16.IsSurrogate(r) {
			continue
		}
		low, ok := escapeAt(body, i+5)
		if !ok || utf16.DecodeRune(r, low) == utf8.RuneError {
			return invalid("", "the request has half of a surrogate pair, %s", body[i-1:i+5])
		}
		i += 10
	}
	return nil
}

// escapeAt returns the code unit of an escape such as \u00e9 that begins at a byte of a body.
func escapeAt(body []byte, at int) (rune, bool) {
	if at+6 > len(body) || body[at] != '\\' || body[at+1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(body[at+2:at+6]), 16, 16)
	return rune(unit), err == nil
}
