package tokenizer

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// rule is one entry of the normaliser, the pre-tokeniser, the post-processor or the decoder: the
// union of the fields of all types.
type rule struct {
	Type string

	Normalizers   []json.RawMessage // of a Sequence
	Pretokenizers []json.RawMessage
	Processors    []json.RawMessage
	Decoders      []json.RawMessage

	Prepend string
	Pattern struct{ String, Regex *string }
	Content string
	Start   int
	Stop    int

	Behavior         string
	Invert           bool
	AddPrefixSpace   *bool `json:"add_prefix_space"`
	UseRegex         *bool `json:"use_regex"`
	IndividualDigits bool  `json:"individual_digits"`
	Replacement      string
	PrependScheme    string `json:"prepend_scheme"`
	Split            *bool

	Single []struct {
		SpecialToken *struct{ ID string }
		Sequence     *struct{ ID string }
	}
}

func parseRule(raw json.RawMessage) (r rule, err error) {
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return r, nil
}

func (r *rule) unsupported() error { return fmt.Errorf("type %.80q: %w", r.Type, ErrUnsupported) }

// isTrue reads a flag whose default is true.
func isTrue(flag *bool) bool { return flag == nil || *flag }

// sequence calls one with each rule of a Sequence.
func sequence(rules []json.RawMessage, depth int, one func(json.RawMessage, int) error) error {
	if depth == 0 {
		return fmt.Errorf("more than %d Sequences within each other: %w", maxDepth, ErrMalformed)
	}
	for i, raw := range rules {
		if err := one(raw, depth-1); err != nil {
			return fmt.Errorf("%d: %w", i, err)
		}
	}
	return nil
}

func normalizers(raw json.RawMessage, depth int) (all []rewriter, err error) {
	if isNull(raw) {
		return nil, nil
	}
	r, err := parseRule(raw)
	if err != nil {
		return nil, err
	}
	switch r.Type {
	case "Sequence":
		err := sequence(r.Normalizers, depth, func(raw json.RawMessage, depth int) error {
			more, err := normalizers(raw, depth)
			all = append(all, more...)
			return err
		})
		return all, err
	case "NFC", "NFD", "NFKC", "NFKD":
		return []rewriter{form{forms[r.Type], r.Type}}, nil
	case "Prepend":
		return []rewriter{prepended{text: r.Prepend}}, nil
	case "Replace":
		if r.Pattern.String == nil || *r.Pattern.String == "" {
			return nil, fmt.Errorf("rule Replace of a pattern that is not a text: %w", ErrUnsupported)
		}
		return []rewriter{replacement{*r.Pattern.String, r.Content}}, nil
	}
	return nil, r.unsupported()
}

// preTokenizer collects the rules of pre-tokenisers: first those that change the text, then those
// that cut it.
type preTokenizer struct {
	prepare   []rewriter
	split     []splitter
	byteLevel bool
}

func (p *preTokenizer) read(raw json.RawMessage, depth int) error {
	if isNull(raw) {
		return nil
	}
	r, err := parseRule(raw)
	if err != nil {
		return err
	}
	switch {
	case r.Type == "Sequence":
		return sequence(r.Pretokenizers, depth, p.read)
	case p.byteLevel:
		return fmt.Errorf("%.80q after ByteLevel: %w", r.Type, ErrUnsupported)
	}
	switch r.Type {
	case "ByteLevel":
		return p.readByteLevel(&r)
	case "Metaspace":
		return p.readMetaspace(&r)
	case "Digits":
		p.split = append(p.split, numbers{r.IndividualDigits})
		return nil
	case "Split":
		s, err := splitOf(&r)
		p.split = append(p.split, s)
		return err
	}
	return r.unsupported()
}

func (p *preTokenizer) readByteLevel(r *rule) error {
	p.byteLevel = true
	if isTrue(r.AddPrefixSpace) {
		if len(p.split) > 0 {
			return fmt.Errorf("rule ByteLevel with add_prefix_space after a rule that splits: %w", ErrUnsupported)
		}
		p.prepare = append(p.prepare, prepended{text: " ", unless: " "})
	}
	if isTrue(r.UseRegex) {
		gpt2, err := compilePattern(patternGPT2)
		if err != nil {
			return err
		}
		p.split = append(p.split, gpt2)
	}
	return nil
}

func (p *preTokenizer) readMetaspace(r *rule) error {
	switch {
	case utf8.RuneCountInString(r.Replacement) != 1:
		return fmt.Errorf("replacement of Metaspace %.80q: want one character: %w", r.Replacement, ErrMalformed)
	case len(p.split) > 0:
		return fmt.Errorf("rule Metaspace after a rule that splits: %w", ErrUnsupported)
	}
	p.prepare = append(p.prepare, replacement{" ", r.Replacement})
	switch scheme, err := r.scheme(); {
	case err != nil:
		return err
	case scheme != "never":
		p.prepare = append(p.prepare, prepended{text: r.Replacement, unless: r.Replacement, firstOnly: scheme == "first"})
	}
	if isTrue(r.Split) {
		p.split = append(p.split, beforeEach(r.Replacement))
	}
	return nil
}

// scheme returns where Metaspace prepends, in the current format or in the older one.
func (r *rule) scheme() (string, error) {
	switch r.PrependScheme {
	case "always", "first", "never":
		return r.PrependScheme, nil
	case "":
		if isTrue(r.AddPrefixSpace) {
			return "always", nil
		}
		return "never", nil
	}
	return "", fmt.Errorf("prepend_scheme of Metaspace %.80q: %w: want always, first or never", r.PrependScheme, ErrUnsupported)
}

func splitOf(r *rule) (splitter, error) {
	if s := r.Pattern.String; s != nil && *s != "" && !r.Invert {
		switch r.Behavior {
		case "Isolated":
			return aroundEach(*s), nil
		case "MergedWithPrevious":
			return afterEach(*s), nil
		case "MergedWithNext":
			return beforeEach(*s), nil
		}
	}
	if r.Pattern.Regex != nil {
		p, err := compilePattern(*r.Pattern.Regex)
		switch {
		case err != nil:
			return nil, err
		case r.Behavior == "Isolated" && !r.Invert:
			return p, nil
		case r.Behavior == "Removed" && r.Invert:
			return onlyMatches{p}, nil
		}
	}
	return nil, fmt.Errorf("rule Split with behavior %.80q and invert %t: %w for this pattern", r.Behavior, r.Invert, ErrUnsupported)
}

// templateEnds returns the special tokens that a TemplateProcessing puts first and last.
func templateEnds(raw json.RawMessage, depth int) (bos, eos tokenName) {
	r, err := parseRule(raw)
	if err != nil || depth == 0 {
		return "", ""
	}
	for _, raw := range r.Processors {
		if bos, eos := templateEnds(raw, depth-1); bos != "" || eos != "" {
			return bos, eos
		}
	}
	if n := len(r.Single); n > 0 {
		if first := r.Single[0].SpecialToken; first != nil {
			bos = tokenName(first.ID)
		}
		if last := r.Single[n-1].SpecialToken; last != nil && n > 1 {
			eos = tokenName(last.ID)
		}
	}
	return bos, eos
}
