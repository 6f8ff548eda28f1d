package lm

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm/chattemplate"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// Options are what [New] needs besides the transformer and its tokenizer.
type Options struct {
	Name string // for reports (default "lm")
	Settings
	Tokenizer string // file or folder of the tokenizer, which Save copies; Save is an error without it
}

// Settings define how text becomes tokens and tokens become text. They are part of the digest of a
// model.
type Settings struct {
	Template Template `json:"template"` // (default Plain)

	// End is the token after a completion (default that of the template, then the tokenizer's EOS).
	End string `json:"end,omitempty"`

	// NoPrefixSpace says that the model was trained on texts without the space that its tokenizer
	// puts before the first word.
	NoPrefixSpace bool `json:"bare_start,omitempty"`

	// LongRows is the rule for rows that are longer than the context (default CutRows).
	LongRows LongRows `json:"long_rows,omitempty"`

	Sampling Sampling `json:"sampling"`
}

// Model is a language model that can be trained. It is immutable and safe for concurrent use.
type Model struct {
	net      *transformer.Model
	tok      *tokenizer.Tokenizer
	settings Settings
	name     string
	source   string            // of the tokenizer's files; "" if unknown
	files    map[string][]byte // the same by name, if they were read: the folder may be deleted after loading
	unknown  error             // why the template is not supported; nil if it is
	program  *program          // of a template in Jinja; nil for others
	text     string            // JSON of the template

	templates chattemplate.Files // of the folder that the model was read from

	begin, end int32   // tokens; -1 if there is none
	ends       []int32 // tokens that end a completion
	anchor     []int32 // a token that is not a space: text decoded after it keeps its own spaces

	base          *Model // without LoRA; nil if the model has none
	replaced      bool   // an adapter replaced whole weights
	lora          LoRA   // of net
	checkpointDir string // folder of checkpoints; "" for none
	warn          func(string)
	progress      func(Progress)
	lineage       undertone.Digest
	weights       func() undertone.Digest // digest of the weights without LoRA and of the vocabulary
	digest        func() undertone.Digest

	onEncode func() // called for each row that is encoded, from several goroutines; nil outside tests
}

var (
	_ student.Student          = (*Model)(nil)
	_ student.Engine           = (*Model)(nil)
	_ student.Renderer         = (*Model)(nil)
	_ student.Annotator        = (*Model)(nil)
	_ student.GradientStepper  = (*Model)(nil)
	_ student.Preconditioner   = (*Model)(nil)
	_ undertone.Model          = (*Model)(nil)
	_ undertone.BatchGenerator = (*Model)(nil)
	_ undertone.TokenLogProber = (*Model)(nil)
	_ undertone.ChoiceScorer   = (*Model)(nil)
	_ undertone.Lineage        = (*Model)(nil)

	_ undertone.RowEncoder        = (*Model)(nil)
	_ undertone.RowLimiter        = (*Model)(nil)
	_ undertone.RowLogProber      = (*Model)(nil)
	_ undertone.RowTokenLogProber = (*Model)(nil)
)

// New returns the language model of a transformer and its tokenizer. The caller must not train the
// transformer afterwards.
func New(net *transformer.Model, tok *tokenizer.Tokenizer, o Options) (*Model, error) {
	if net == nil || tok == nil {
		return nil, errors.New("lm: the transformer or the tokenizer is nil")
	}
	if net.HasLoRA() {
		return nil, errors.New("lm: the transformer has LoRA already: pass its base, and call WithLoRA")
	}
	// Embeddings are often padded to a round number, and lack the special tokens of another modality
	// in some models.
	have, want := tok.Len(), net.Config().Vocabulary
	for have > want && tok.IsSpecial(int32(have-1)) {
		have--
	}
	if have > want || have < want-want/4 {
		return nil, fmt.Errorf("lm: the tokenizer has %d tokens and the model's embedding %d rows: they do not belong together", tok.Len(), want)
	}
	// One form of the weights gives one digest: see [transformer.Model.SplitPairs].
	m := &Model{net: net.SplitPairs(), tok: tok, name: o.Name, source: o.Tokenizer, settings: o.Settings}
	if m.name == "" {
		m.name = "lm"
	}
	return m.resolve()
}

// resolve sets the fields that follow from those that a caller sets.
func (m *Model) resolve() (*Model, error) {
	if m.settings.Template.Name == "" && m.unknown == nil {
		m.settings.Template = Plain()
	}
	if err := m.settings.Sampling.check(); err != nil {
		return nil, err
	}
	if _, err := LongRowsNamed(m.settings.LongRows.String()); err != nil {
		return nil, err
	}
	m.begin, m.end, m.ends = -1, -1, nil
	eos, hasEOS := m.tok.EOS()
	bos, hasBOS := m.tok.BOS()
	switch { // if no token begins a text, the token that ends a text separates two texts
	case hasBOS:
		m.begin = bos
	case hasEOS:
		m.begin = eos
	}
	if err := m.compile(); err != nil {
		return nil, err
	}
	end := m.settings.End
	if end == "" {
		end = m.settings.Template.End
	}
	switch {
	case end != "":
		id, ok := m.tok.ID(end)
		if !ok {
			return nil, fmt.Errorf("lm: %w %q: it ends a completion with %.40q, which is not in the vocabulary", ErrTemplate, m.settings.Template.Name, end)
		}
		m.end = id
	case m.program != nil:
		m.end = m.program.end
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

// Named returns the model with a name for reports and data sets.
func (m *Model) Named(name string) *Model { return m.with(func(c *Model) { c.name = name }) }

// WithTemplate returns the model with another chat template.
func (m *Model) WithTemplate(t Template) (*Model, error) {
	t = m.withTokens(t)
	return m.with(func(c *Model) { c.settings.Template, c.unknown = t, nil }).resolve()
}

// WithSampling returns the model with another way to sample tokens.
func (m *Model) WithSampling(s Sampling) (*Model, error) {
	return m.with(func(c *Model) { c.settings.Sampling = s }).resolve()
}

// WithoutPrefixSpace returns the model with the given [Settings].NoPrefixSpace.
func (m *Model) WithoutPrefixSpace(bare bool) *Model {
	return m.with(func(c *Model) { c.settings.NoPrefixSpace = bare })
}

// WithCheckpoints returns a model that stores the state of its trainings, and of the trainings of
// the models trained from it, in files of a folder. An interrupted training that is started again
// resumes, and ends with the same bits. The file of a training is removed when it is done. If a
// file is damaged, its training starts from the beginning, and warn is called with a sentence that
// names the file. A nil warn is not called.
func (m *Model) WithCheckpoints(dir string, warn func(string)) *Model {
	return m.with(func(c *Model) { c.checkpointDir, c.warn = dir, warn })
}

// WithProgress returns a model that calls tell after every step of its trainings, and of the
// trainings of the models trained from it. Calls do not overlap. tell is not part of the digest.
func (m *Model) WithProgress(tell func(Progress)) *Model {
	var one sync.Mutex // trainings may run concurrently
	return m.with(func(c *Model) {
		c.progress = func(p Progress) {
			one.Lock()
			defer one.Unlock()
			tell(p)
		}
	})
}

// Name implements [undertone.Model].
func (m *Model) Name() string { return m.name }

// Settings returns the settings of the model.
func (m *Model) Settings() Settings { return m.settings }

// Digest implements [student.Student]: it covers weights, LoRA, vocabulary and settings. Saving and
// loading a model does not change its digest.
func (m *Model) Digest() undertone.Digest { return m.digest() }

// Lineage implements [undertone.Lineage]: the digest of the weights and the vocabulary that
// training started from. It does not depend on the settings.
func (m *Model) Lineage() undertone.Digest {
	if m.lineage.IsZero() {
		return m.weights()
	}
	return m.lineage
}

// Engine implements [student.Engine].
func (m *Model) Engine() string { return tensor.Engine() }

// Parameters returns the number of weights without LoRA.
func (m *Model) Parameters() int64 { return m.net.Config().Weights() }

// stream returns the random numbers of a purpose.
func stream(seed uint64, purpose string) *rand.Rand {
	return rand.New(rand.NewPCG(seed, undertone.NewHasher(purpose).Sum().Uint64()))
}
