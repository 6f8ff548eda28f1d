package lm

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// Options are what [New] needs to know beside the model and its tokenizer.
type Options struct {
	Name string // for reports; "lm" if empty
	Settings
	Tokenizer string // file or folder that the tokenizer was read from, which Save copies; Save is an error without it
}

// Settings are how text becomes tokens and tokens text. They are part of a model's digest.
type Settings struct {
	Template Template `json:"template"` // Plain if it has no name

	// End is the token after a completion in place of the template's and the tokenizer's.
	End string `json:"end,omitempty"`

	// NoPrefixSpace says that the model was trained on texts without the space that its tokenizer
	// puts before the first word.
	NoPrefixSpace bool `json:"bare_start,omitempty"`

	Sampling Sampling `json:"sampling"`
}

// Model is a language model that can be trained. It is immutable and safe for concurrent use.
type Model struct {
	net      *transformer.Model
	tok      *tokenizer.Tokenizer
	settings Settings
	name     string
	source   string            // of the tokenizer's files; "" if unknown
	files    map[string][]byte // the same by name, if they were read: a folder may go once it is loaded
	unknown  error             // the template could not be recognised

	begin, end int32   // tokens; -1 for none
	ends       []int32 // tokens that end a completion
	anchor     []int32 // a token that is no space: what is decoded behind it is decoded whole

	base    *Model // without LoRA; nil if there is none
	lora    LoRA   // of net
	keep    string // folder of checkpoints; "" for none
	tell    func(Progress)
	lineage undertone.Digest
	weights func() undertone.Digest // of net without LoRA, and of the vocabulary
	digest  func() undertone.Digest

	onEncode func() // called once for each row that is encoded, by several goroutines; nil outside tests
}

var (
	_ student.Student          = (*Model)(nil)
	_ student.Engine           = (*Model)(nil)
	_ student.GradientStepper  = (*Model)(nil)
	_ student.Preconditioner   = (*Model)(nil)
	_ undertone.Model          = (*Model)(nil)
	_ undertone.BatchGenerator = (*Model)(nil)
	_ undertone.TokenLogProber = (*Model)(nil)
	_ undertone.ChoiceScorer   = (*Model)(nil)
	_ undertone.Lineage        = (*Model)(nil)

	_ undertone.RowEncoder        = (*Model)(nil)
	_ undertone.RowLogProber      = (*Model)(nil)
	_ undertone.RowTokenLogProber = (*Model)(nil)
)

// New returns the language model of a transformer, which the caller no longer trains, and its
// tokenizer.
func New(net *transformer.Model, tok *tokenizer.Tokenizer, o Options) (*Model, error) {
	if net == nil || tok == nil {
		return nil, errors.New("lm: a model is a transformer and a tokenizer: one of them is nil")
	}
	if net.HasLoRA() {
		return nil, errors.New("lm: the transformer has LoRA already: give its base, and use WithLoRA")
	}
	// Embeddings are often padded to a round number.
	if have, want := tok.Len(), net.Config().Vocabulary; have > want || have < want-want/4 {
		return nil, fmt.Errorf("lm: the tokenizer has %d tokens, the model's embedding %d: they do not belong together", have, want)
	}
	// One form, so that a digest is that of one training: see [transformer.Model.SplitPairs].
	m := &Model{net: net.SplitPairs(), tok: tok, name: o.Name, source: o.Tokenizer, settings: o.Settings}
	if m.name == "" {
		m.name = "lm"
	}
	return m.resolve()
}

// resolve works out what follows from the fields that a caller sets.
func (m *Model) resolve() (*Model, error) {
	if m.settings.Template.Name == "" && m.unknown == nil {
		m.settings.Template = Plain()
	}
	if err := m.settings.Sampling.check(); err != nil {
		return nil, err
	}
	m.begin, m.end, m.ends = -1, -1, nil
	eos, hasEOS := m.tok.EOS()
	bos, hasBOS := m.tok.BOS()
	switch { // where no token begins texts, the one that ends them stands between them
	case hasBOS:
		m.begin = bos
	case hasEOS:
		m.begin = eos
	}
	end := m.settings.End
	if end == "" {
		end = m.settings.Template.End
	}
	switch {
	case end != "":
		id, ok := m.tok.ID(end)
		if !ok {
			return nil, fmt.Errorf("lm: template %q ends a completion with %.40q, which is not in the vocabulary: %w", m.settings.Template.Name, end, ErrTemplate)
		}
		m.end = id
	case hasEOS:
		m.end = eos
	}
	if m.end >= 0 {
		m.ends = append(m.ends, m.end)
	}
	if hasEOS && eos != m.end {
		m.ends = append(m.ends, eos)
	}
	for id := range int32(m.tok.Len()) {
		if m.anchor = []int32{id}; strings.TrimSpace(m.tok.Decode(m.anchor)) != "" {
			break
		}
	}
	if m.weights == nil {
		m.weights = sync.OnceValue(m.hashWeights)
	}
	m.digest = sync.OnceValue(m.hash)
	return m, nil
}

// with returns a changed copy.
func (m *Model) with(change func(*Model)) *Model {
	c := *m
	change(&c)
	c.digest = sync.OnceValue(c.hash)
	return &c
}

// Named returns the model under a name for reports and data sets.
func (m *Model) Named(name string) *Model { return m.with(func(c *Model) { c.name = name }) }

// WithTemplate returns the model with another chat template.
func (m *Model) WithTemplate(t Template) (*Model, error) {
	return m.with(func(c *Model) { c.settings.Template, c.unknown = t, nil }).resolve()
}

// WithSampling returns the model with another way to draw tokens.
func (m *Model) WithSampling(s Sampling) (*Model, error) {
	return m.with(func(c *Model) { c.settings.Sampling = s }).resolve()
}

// WithoutPrefixSpace returns the model with the given [Settings].BareStart.
func (m *Model) WithoutPrefixSpace(bare bool) *Model {
	return m.with(func(c *Model) { c.settings.NoPrefixSpace = bare })
}

// WithCheckpoints returns the model, whose trainings, and those of the models that come of
// them, keep their state in files of a folder: one that is stopped goes on where it was when it
// is started again, and ends in the same bits. A file is removed when its training is done.
func (m *Model) WithCheckpoints(dir string) *Model { return m.with(func(c *Model) { c.keep = dir }) }

// WithProgress returns the model, whose trainings, and those of the models that come of them,
// call tell after each step, one at a time. It has no part in what is computed, nor in the digest.
func (m *Model) WithProgress(tell func(Progress)) *Model {
	var one sync.Mutex // trainings may run side by side
	return m.with(func(c *Model) {
		c.tell = func(p Progress) {
			one.Lock()
			defer one.Unlock()
			tell(p)
		}
	})
}

// Name implements [undertone.Model].
func (m *Model) Name() string { return m.name }

// Settings returns how text becomes tokens.
func (m *Model) Settings() Settings { return m.settings }

// Digest implements [student.Student]: it covers weights, LoRA, vocabulary and settings. A model
// that was saved and loaded has the digest that it had.
func (m *Model) Digest() undertone.Digest { return m.digest() }

// Lineage implements [undertone.Lineage]: the digest of weights and vocabulary, whatever the
// settings, that training started from.
func (m *Model) Lineage() undertone.Digest {
	if m.lineage.IsZero() {
		return m.weights()
	}
	return m.lineage
}

// Engine implements [student.Engine].
func (m *Model) Engine() string { return tensor.Engine() }

// Parameters returns the number of weights, without those of LoRA.
func (m *Model) Parameters() int64 { return m.net.Config().Weights() }

// stream returns the random numbers of a purpose.
func stream(seed uint64, purpose string) *rand.Rand {
	return rand.New(rand.NewPCG(seed, undertone.NewHasher(purpose).Sum().Uint64()))
}
