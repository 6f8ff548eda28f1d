// Package chattemplate renders conversations with the chat templates that models ship: programs
// in Jinja from tokenizer_config.json, chat_template.jinja, chat_template.json or
// additional_chat_templates.
//
//	files, err := chattemplate.ReadFolder(dir)
//	t, err := chattemplate.Parse(files.Templates["default"], chattemplate.Environment{Tokens: files.Tokens})
//	text, err := t.Render(chattemplate.Conversation{Messages: messages})
//
// The text is that of transformers' apply_chat_template: trim_blocks, lstrip_blocks, its filter
// tojson, raise_exception, {% generation %}, and the variables messages, tools, documents,
// add_generation_prompt and the special tokens. strftime_now gives the day [Today], so that a
// rendering does not depend on the day on which it is made.
//
// # Untrusted templates
//
// A template is the program of a stranger. github.com/ardanlabs/jinja evaluates it, which has no
// limits of its own. [Parse] therefore reads the template first and writes it again in a part of
// the language in which nothing is unbounded. Control flow, assignments, macros, names and
// constants stay. Every operator, filter, test, method and output becomes the call of a function
// of this package, which has a budget of steps and of bytes; so does every start of a loop and of
// a macro. A template that runs for ever, recurses without end or fills the memory ends with an
// error that wraps [ErrLimit].
//
// # Answers
//
// [Template.Place] renders a conversation with and without the answer of a turn and returns the
// bytes that differ. A template in whose text the answer cannot be found is refused: see [ErrTurn].
// [Template.Additions] lists what a template writes and no message contains.
//
// Conversations of a few shapes are rendered often. The first rendering of a shape traces what the
// template asks about the contents; later conversations for which the answers are the same fill the
// frame of the first.
//
// # Not supported
//
// Statements other than if, for, set, macro, call, filter, raw, break, continue and generation;
// recursive loops; arguments with **; the loop variables depth and changed; integers of more than
// 64 bits. Tuples are lists, so they print with other brackets. Text from the filters safe and
// escape makes + escape the other operand, as in Jinja, but loses this property in a variable.
package chattemplate
