// Package tokenizer turns text into the token ids of a published language
// model, and back.
//
// Most programs need three calls:
//
//	tok, err := tokenizer.Load(folder)   // tokenizer.json, tok*.bin or *.tiktoken
//	ids := tok.Encode("Once upon a time")
//	text := tok.Decode(ids)
//
// [Tokenizer.EncodeChat] is for text that a chat template has rendered: only
// there do the spellings of special tokens become their ids.
//
// What is read is byte-pair encoding in its three common files:
//
//   - tokenizer.json of Hugging Face tokenizers, byte-level (GPT-2, Llama 3, Qwen)
//     and SentencePiece-style (Llama 2, Mistral, Gemma);
//   - the scored vocabularies of llama2.c;
//   - the rank files of tiktoken.
//
// A file that asks for something else is refused with [ErrUnsupported] and
// the name of what it asks for, never read approximately.
//
// # Character classes
//
// The patterns that cut text into words are written for the regular
// expressions of Rust and Oniguruma, and so are the classes here: \s is
// Unicode's White_Space (U+0085 is in it, U+FEFF is not, as JavaScript has it
// the other way round), \p{L} and \p{N} are those of package unicode, and
// (?i:'s) takes the long s (U+017F), which folds to s. A letter that was
// added to Unicode after [unicode.Version] counts as punctuation; so it does
// in every tokenizer with older tables.
//
// Normal forms are those of golang.org/x/text/unicode/norm, which breaks up
// runs of more than 30 combining marks (Stream-Safe Text, UAX #15).
package tokenizer
