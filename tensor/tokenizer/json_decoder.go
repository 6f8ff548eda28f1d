package tokenizer

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// decoder turns the spelling of one token into its text. Decoders of a file work on lists of
// tokens, but the supported ones treat every token on its own, except for the space that they
// remove from the start of a text, which [Tokenizer.Decode] does.
type decoder struct {
	replace   []rewriter
	bytes     bool // "<0x0A>" is a byte
	byteLevel bool
	fused     bool // the next rules see one text, not tokens
	trim      int  // number of spaces to remove from the start of a text
}

func (d *decoder) read(raw json.RawMessage, depth int) error {
	if isNull(raw) {
		return nil
	}
	r, err := parseRule(raw)
	if err != nil {
		return err
	}
	switch {
	case r.Type == "Sequence":
		return sequence(r.Decoders, depth, d.read)
	case r.Type == "Fuse":
		d.fused = true
	case r.Type == "Strip" && d.fused && r.Content == " " && r.Stop == 0 && 0 <= r.Start && r.Start <= maxDepth:
		d.trim += r.Start
	case d.fused || d.byteLevel:
		return fmt.Errorf("%.80q after Fuse or ByteLevel: %w", r.Type, ErrUnsupported)
	case r.Type == "Replace" && r.Pattern.String != nil && *r.Pattern.String != "" && !d.bytes:
		d.replace = append(d.replace, replacement{*r.Pattern.String, r.Content})
	case r.Type == "ByteFallback":
		d.bytes = true
	case r.Type == "ByteLevel":
		d.byteLevel = true
	case r.Type == "Metaspace" && r.Replacement != "":
		d.replace = append(d.replace, replacement{r.Replacement, " "})
		if scheme, err := r.scheme(); err != nil {
			return err
		} else if scheme != "never" {
			d.trim++
		}
	default:
		return r.unsupported()
	}
	return nil
}

func (d *decoder) text(token string) string {
	for _, r := range d.replace {
		token = r.rewrite(token, atStart)
	}
	if d.bytes && len(token) == len("<0x00>") && strings.HasPrefix(token, "<0x") && token[5] == '>' {
		if b, err := strconv.ParseUint(token[3:5], 16, 8); err == nil {
			return string([]byte{byte(b)})
		}
	}
	if d.byteLevel {
		if text, ok := fromByteLevel(token); ok {
			return text
		}
	}
	return token
}
