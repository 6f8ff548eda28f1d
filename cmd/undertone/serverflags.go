package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/internal/configfile"
	"github.com/undertone-audit/undertone/remote"
	"github.com/undertone-audit/undertone/remote/doctor"
	"github.com/undertone-audit/undertone/student/lm"
)

// serverFlags say how a model behind a server is asked.
type serverFlags struct {
	ServerKind  string        `placeholder:"KIND" enum:",vllm,sglang,together,completions,chat,llama.cpp" default:"" help:"Protocol of the server: vllm, sglang, together, completions, chat or llama.cpp (default what its list of models says)."`
	ServedModel string        `placeholder:"NAME" help:"Name of the model on the server (default its only base model)."`
	APIKeyEnv   string        `name:"api-key-env" placeholder:"NAME" help:"Environment variable that holds the key of the server (default: requests have no key)."`
	EncodeWith  string        `file:"read" placeholder:"DIR|tiny" help:"Model on this machine whose tokenizer and chat template encode the rows (default those of the server)."`
	Concurrent  *int          `range:"[1, 1024]" placeholder:"N" help:"Requests at once, in [1, 1024] (default 8)."`
	RequestRate *float64      `range:"> 0" placeholder:"N" help:"Requests per second, > 0 (default no limit)."`
	RowsAtOnce  *int          `range:"[1, 100000]" placeholder:"N" help:"Rows per request, in [1, 100000]; a request that is too large is halved (default 256)."`
	Timeout     time.Duration `range:"> 0" placeholder:"TIME" help:"Longest time of a request, > 0, such as 30s (default 2m)."`

	MaxTokensTotal *int64   `range:">= 1" placeholder:"N" help:"Tokens to send and receive, >= 1, after which the run stops; the same command resumes with --recording (default no limit)."`
	MaxCost        *float64 `range:"> 0" placeholder:"COST" help:"Cost after which the run stops, > 0, in the unit of --prices (default no limit)."`
	Prices         string   `file:"read" placeholder:"FILE" help:"Prices of a million tokens as JSON, by the name of the model: {\"NAME\": {\"input\": 0.5, \"output\": 1.5}}."`
}

// scorerFlags say how a model behind a server scores rows.
type scorerFlags struct {
	serverFlags

	Recording   string `file:"write" placeholder:"FILE" help:"File that keeps the answers of the server, from which an interrupted run resumes (default none)."`
	TrustScorer bool   `help:"Skip the checks 1 to 6 of undertone doctor, which refuse a server that gives wrong scores. The report says so."`
}

// isServer reports whether the value of a flag for a model is the URL of a server.
func isServer(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}

// local returns an error if a flag about servers is given although the model is not behind one.
func (f serverFlags) local(flag string) error { return notServer(f != serverFlags{}, flag) }

// local is that of serverFlags, with the flags about scores.
func (f scorerFlags) local(flag string) error { return notServer(f != scorerFlags{}, flag) }

func notServer(given bool, flag string) error {
	if given {
		return fmt.Errorf("a flag about servers is given, but %s is not a URL such as http://localhost:8000", flag)
	}
	return nil
}

// remoteModel is a model behind a server.
type remoteModel struct {
	undertone.Model
	caveats []string // for reports
}

// GenerateBatch implements [undertone.BatchGenerator].
func (s remoteModel) GenerateBatch(ctx context.Context, r []undertone.Request) ([]undertone.Response, error) {
	return s.Model.(undertone.BatchGenerator).GenerateBatch(ctx, r)
}

// Digest names the model; see [remote.Generator.Digest].
func (s remoteModel) Digest() undertone.Digest {
	return s.Model.(interface{ Digest() undertone.Digest }).Digest()
}

// Close closes the recording.
func (s remoteModel) Close() error { return s.Model.(interface{ Close() error }).Close() }

// connect returns a model behind a server. The flags --template and --adapter are those of models.
func (f serverFlags) connect(ctx context.Context, c console, flag, url string, template templateFlag) (remoteModel, error) {
	config, err := f.remoteConfig(url, template)
	if err != nil {
		return remoteModel{}, err
	}
	return open(ctx, c, flag, config)
}

func open(ctx context.Context, c console, flag string, config remote.Config) (remoteModel, error) {
	config.Warn = c.warnings.add
	m, err := remote.Open(ctx, config)
	if err != nil {
		return remoteModel{}, fmt.Errorf("%s: %w", flag, err)
	}
	return remoteModel{Model: m}, nil
}

func (f serverFlags) remoteConfig(url string, template templateFlag) (remote.Config, error) {
	config := remote.Config{
		URL: url, Kind: remote.Kind(f.ServerKind), Model: f.ServedModel, Adapter: template.Adapter, KeyEnv: f.APIKeyEnv,
		Limits: remote.Limits{
			Concurrency: or(f.Concurrent, 0), RequestsPerSecond: or(f.RequestRate, 0), BatchRows: or(f.RowsAtOnce, 0), Timeout: f.Timeout,
			MaxTokensTotal: or(f.MaxTokensTotal, 0), MaxCost: or(f.MaxCost, 0),
		},
	}
	switch template.Template {
	case "":
	case "plain":
		config.Template = remote.PlainTemplate
	default:
		return config, fmt.Errorf("--template %.40s: a server renders with its own template, or plain; --encode-with takes the template of a model on this machine", template.Template)
	}
	if f.EncodeWith != "" {
		m, err := loadModel(f.EncodeWith)
		if err != nil {
			return config, fmt.Errorf("--encode-with: %w", err)
		}
		config.Encoder = m
	}
	var err error
	config.Price, err = f.price(template.Adapter)
	return config, err
}

// price returns the price of the model: that of its adapter, of the model, or of the only one in
// the file.
func (f serverFlags) price(adapter string) (remote.Price, error) {
	if f.Prices == "" {
		if f.MaxCost != nil {
			return remote.Price{}, errors.New("--max-cost needs --prices")
		}
		return remote.Price{}, nil
	}
	return readPrice("--prices", "--served-model", f.Prices, adapter, f.ServedModel)
}

// readPrice returns the price of the first of several names of models that a file of prices holds,
// or the only price in it. Errors name the flags of the file and of the name.
func readPrice(flag, nameFlag, path string, names ...string) (remote.Price, error) {
	prices := map[string]remote.Price{}
	text, err := configfile.ReadFile(path)
	if err == nil {
		err = configfile.Decode(text, &prices)
	}
	if err != nil {
		return remote.Price{}, fmt.Errorf("%s: %w", flag, err)
	}
	for _, name := range names {
		if p, ok := prices[name]; ok && name != "" {
			return p, nil
		}
	}
	if len(prices) == 1 {
		for _, p := range prices {
			return p, nil
		}
	}
	return remote.Price{}, fmt.Errorf("%s: %s has no price of %q; name the model with %s", flag, path, names[len(names)-1], nameFlag)
}

// scorer returns a model behind a server that scores rows. It refuses a server that fails one of
// the checks 1 to 6 of the doctor, unless it is trusted.
func (f scorerFlags) scorer(ctx context.Context, c console, flag, url string, template templateFlag, long longRowsFlag) (remoteModel, error) {
	s, err := f.recorded(ctx, c, flag, url, template, long)
	if err != nil {
		return s, err
	}
	if err := f.examine(ctx, &s); err != nil {
		return s, errors.Join(fmt.Errorf("%s: %w", flag, err), s.Close())
	}
	return s, nil
}

// recorded returns a model behind a server, whose answers --recording keeps.
func (f scorerFlags) recorded(ctx context.Context, c console, flag, url string, template templateFlag, long longRowsFlag) (remoteModel, error) {
	config, err := f.remoteConfig(url, template)
	if err != nil {
		return remoteModel{}, err
	}
	config.Recording = f.Recording
	if config.LongRows, err = lm.LongRowsNamed(long.LongRows); err != nil {
		return remoteModel{}, fmt.Errorf("--long-rows: %w", err)
	}
	return open(ctx, c, flag, config)
}

func (f scorerFlags) examine(ctx context.Context, s *remoteModel) error {
	if f.TrustScorer {
		s.caveats = append(s.caveats, "the server's scores are trusted without a check (--trust-scorer)")
		return nil
	}
	if _, ok := s.Model.(undertone.LogProber); !ok {
		return fmt.Errorf("the server gives no log-probabilities of rows (as the kind %s): choose a server that does, or --template plain for completions with echo; audit --trainer --samples counts answers instead; docs/servers.md lists what each can do", kindOf(s.Model))
	}
	subject, err := doctor.Of(s.Model)
	if err == nil {
		err = doctor.Required(ctx, subject)
	}
	return untrusted(err)
}

// untrusted adds to the error of a scorer that fails a check what the user can do.
func untrusted(err error) error {
	if errors.Is(err, doctor.ErrUntrusted) {
		return fmt.Errorf("%w (undertone doctor makes all checks; --trust-scorer skips them)", err)
	}
	return err
}

// kindOf returns the kind of the server of a model.
func kindOf(m undertone.Model) remote.Kind {
	if s, ok := m.(interface{ Server() *remote.Server }); ok {
		return s.Server().Kind()
	}
	return ""
}

// usage says what a run has asked of the server.
func (s remoteModel) usage() string {
	if u, ok := s.Model.(interface{ Usage() remote.Usage }); ok {
		return u.Usage().String()
	}
	return ""
}

// checkServer returns an error if detectors need what a model behind a server cannot do. trainer
// says that a program of the user trains it. With a server the surrogates of the likelihood
// detector are those by system prompt.
func (f scorerFlags) checkServer(model string, detectors []string, trainer bool, s *surrogateFlags) error {
	if !isServer(model) {
		return f.local("--student")
	}
	for _, d := range detectors {
		switch {
		case d == likelihoodDetector:
			s.Personas = true
		case d == corpusDetector, d == transferDetector && trainer:
		default:
			return fmt.Errorf("the detector %s trains or differentiates the student, which is behind a server; the detector likelihood scores rows with it, and audit --trainer trains it", d)
		}
	}
	return nil
}

// setStudent sets the student of an audit to a model behind a server, if its flag is a URL. With
// --samples the server scores nothing, and is not checked. The caller calls release at the end.
func (f scorerFlags) setStudent(ctx context.Context, c console, flags studentFlags, counted bool, cfg *audit.Config) (release func(), err error) {
	if !isServer(flags.Student) {
		return func() {}, nil
	}
	connect := f.scorer
	if counted {
		connect = f.recorded
	}
	m, err := connect(ctx, c, "--student", flags.Student, flags.templateFlag, flags.longRowsFlag)
	if err != nil {
		return nil, err
	}
	if counted {
		cfg.Student, err = remote.NewFixedTalker(m.Model)
	} else {
		cfg.Student, err = remote.NewFixed(m.Model)
	}
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	cfg.Caveats = m.caveats
	return func() {
		if err := m.Close(); err != nil {
			c.warnings.add(fmt.Sprintf("--recording: %v", err))
		}
		c.note("server: %s", m.usage())
	}, nil
}
