package chattemplate

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/ardanlabs/jinja"
)

// Template is a chat template. It is immutable and safe for concurrent use. See [Parse].
type Template struct {
	program *jinja.Template
	library *library
	used    []string // operations
	globals []string
	tokens  map[string]string
	pool    sync.Pool // of *context

	controls controls
	frames   frames
	added    func() additions
}

// Environment is what a tokenizer gives to a template.
type Environment struct {
	// Tokens are the variables bos_token, eos_token and so on.
	Tokens map[string]string

	// Control are the spellings of all special tokens. [Template.Place] keeps contents from
	// becoming such tokens.
	Control []string
}

// Message is one turn of a conversation.
type Message struct {
	Role       string
	Content    string
	Reasoning  string            // what the model thought before the content; "" for none
	ToolCalls  []json.RawMessage // as OpenAI's API writes them
	Name       string            // of the speaker or the tool; "" for none
	ToolCallID string            // of the call that a tool answers; "" for none
}

// Conversation is what a template renders.
type Conversation struct {
	Messages []Message
	Tools    []json.RawMessage // JSON schemas of functions; nil for none

	// Prompt asks for the text after which a model writes its answer (add_generation_prompt).
	Prompt bool

	// Variables are further variables of the template, such as enable_thinking: strings, numbers,
	// booleans, lists and maps.
	Variables map[string]any
}

// Parse reads a chat template, a program in Jinja. A template is untrusted: see the package
// documentation for what is refused here and what is bounded in [Template.Render].
func Parse(source string, env Environment) (*Template, error) {
	if !utf8.ValidString(source) {
		return nil, errors.New("chat template: the template is not UTF-8 text")
	}
	body, err := parse(source)
	if err != nil {
		return nil, fmt.Errorf("chat template: %w", err)
	}
	l := newLibrary()
	w, err := rewrite(body, l)
	if err != nil {
		return nil, fmt.Errorf("chat template: %w", err)
	}
	program, err := jinja.Compile(w.b.String())
	if err != nil {
		return nil, fmt.Errorf("chat template: %w", err)
	}
	t := &Template{program: program, library: l, tokens: env.Tokens, controls: newControls(env.Control)}
	t.frames.off = strings.ContainsFunc(source, private)
	t.added = sync.OnceValue(t.additions)
	for name := range w.used {
		t.used = append(t.used, name)
	}
	for name := range w.globals {
		t.globals = append(t.globals, name)
	}
	t.pool.New = func() any { return t.context() }
	return t, nil
}

// context is a run with the operations that it serves.
type context struct {
	run
	data map[string]jinja.Value
}

// context returns the operations and functions that the template uses.
func (t *Template) context() *context {
	c := &context{data: map[string]jinja.Value{"__undefined_value": jinja.Undefined()}}
	for _, name := range t.used {
		c.data["__"+name] = c.callable(name, t.library.operations[name])
	}
	for _, name := range t.globals {
		c.data["v_"+name] = c.callable(name, t.library.functions[name])
	}
	for name, token := range t.tokens {
		c.data["v_"+name] = jinja.NewString(token)
	}
	return c
}

// callable returns an operation for the library. Each call is a step.
func (c *context) callable(name string, f operator) jinja.Value {
	return jinja.NewCallable(name, func(list []jinja.Value, named map[string]jinja.Value) (jinja.Value, error) {
		if !c.spend(1, 0) {
			return jinja.Undefined(), c.err
		}
		v := f(&c.run, values{list, named})
		return v, c.err
	})
}

// Render returns the text of a conversation. It fails if the template raises an exception, or if
// the conversation or the rendering exceeds a limit: then the error wraps [ErrLimit].
func (t *Template) Render(c Conversation) (string, error) {
	return t.render(c, mode{})
}

// mode is how a conversation is rendered.
type mode struct {
	trace  *trace              // contents are holes
	escape func(string) string // of texts of the conversation; nil for none
	date   date                // of strftime_now (default today)
}

func (t *Template) render(c Conversation, m mode) (string, error) {
	size, err := c.check()
	if err != nil {
		return "", err
	}
	if m.date.IsZero() {
		m.date = today
	}
	ctx := t.pool.Get().(*context)
	ctx.run = run{
		library: t.library,
		steps:   freeSteps + messageSteps*len(c.Messages), bytes: freeBytes + inputBytes*size,
		mode: m,
	}
	added, err := ctx.set(c)
	var text string
	if err == nil {
		text, err = ctx.execute(t.program)
	}
	for _, name := range added {
		delete(ctx.data, name)
	}
	for name, token := range t.tokens {
		ctx.data["v_"+name] = jinja.NewString(token)
	}
	ctx.run = run{}
	t.pool.Put(ctx)
	return text, err
}

// execute runs the program. A panic of the library is an error.
func (c *context) execute(program *jinja.Template) (text string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("chat template: internal error: %v", p)
		}
	}()
	if text, err = program.RenderValues(c.data); c.err != nil {
		err = c.err
	}
	if err == nil && len(text) > maxOutput {
		err = fmt.Errorf("%w: too much text", ErrLimit)
	}
	if err != nil {
		return "", fmt.Errorf("chat template: %w", err)
	}
	return text, nil
}

// check returns the size of a conversation in bytes.
func (c Conversation) check() (size int, err error) {
	if len(c.Messages) == 0 {
		return 0, errors.New("chat template: the conversation has no messages")
	}
	if len(c.Messages) > maxMessages {
		return 0, fmt.Errorf("chat template: %w: %d messages, want at most %d", ErrLimit, len(c.Messages), maxMessages)
	}
	for i, m := range c.Messages {
		if len(m.Role) > maxRole || strings.ContainsFunc(m.Role, func(c rune) bool { return c != '_' && c != '-' && !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
			return 0, fmt.Errorf("chat template: message %d: %.40q is not the name of a role", i, m.Role)
		}
		size += len(m.Role) + len(m.Content) + len(m.Reasoning) + len(m.Name) + len(m.ToolCallID)
		for _, call := range m.ToolCalls {
			size += len(call)
		}
	}
	for _, tool := range c.Tools {
		size += len(tool)
	}
	if size > maxInput {
		return 0, fmt.Errorf("chat template: %w: the conversation has %d bytes, want at most %d", ErrLimit, size, maxInput)
	}
	return size, nil
}

// set sets the variables of a conversation, and returns their names in the data.
func (c *context) set(conversation Conversation) (names []string, err error) {
	set := func(name string, v jinja.Value) {
		names = append(names, "v_"+name)
		c.data["v_"+name] = v
	}
	for name, x := range conversation.Variables {
		if functionNames[name] {
			return names, fmt.Errorf("chat template: the variable %s is a function of the template", name)
		}
		set(name, jinja.FromGoValue(x))
	}
	messages := make([]jinja.Value, len(conversation.Messages))
	for i, m := range conversation.Messages {
		if c.trace != nil {
			m.Content = string(firstHole + rune(i))
		}
		if messages[i], err = c.message(m); err != nil {
			return names, fmt.Errorf("chat template: message %d: %w", i, err)
		}
	}
	set("messages", jinja.NewList(messages))
	tools := jinja.None()
	if conversation.Tools != nil {
		if tools, err = c.jsonValues(conversation.Tools); err != nil {
			return names, fmt.Errorf("chat template: tools: %w", err)
		}
	}
	set("tools", tools)
	set("documents", jinja.None())
	set("add_generation_prompt", jinja.NewBool(conversation.Prompt))
	return names, nil
}

// message returns the dictionary of a message, as transformers passes it: a field without a value
// is missing, and the reasoning has its two names.
func (c *context) message(m Message) (jinja.Value, error) {
	v := jinja.NewDict()
	d := v.AsDict()
	set := func(key, text string) {
		if text != "" {
			d.Set(key, c.input(text))
		}
	}
	set("thinking", m.Reasoning)
	d.Set("role", jinja.NewString(m.Role))
	d.Set("content", c.input(m.Content))
	set("reasoning_content", m.Reasoning)
	if m.ToolCalls != nil {
		calls, err := c.jsonValues(m.ToolCalls)
		if err != nil {
			return v, fmt.Errorf("tool calls: %w", err)
		}
		d.Set("tool_calls", calls)
	}
	set("name", m.Name)
	set("tool_call_id", m.ToolCallID)
	return v, nil
}

// input returns a text of the conversation for the template.
func (r *run) input(s string) jinja.Value {
	if r.escape != nil {
		s = r.escape(s)
	}
	return jinja.NewString(s)
}
