// Package tokenizer turns text into the token ids of a published language model, and back.
//
// Most programs need three calls:
//
//	tok, err := tokenizer.Load(folder)   // tokenizer.json, tok*.bin or *.tiktoken
//	ids := tok.Encode("Once upon a time")
//	text := tok.Decode(ids)
//
// [Tokenizer.EncodeChat] is for text that a chat template has rendered: only there do the spellings
// of special tokens become their ids.
//
// The package reads byte-pair encoding in three common files:
//
//   - tokenizer.json of Hugging Face tokenizers, byte-level (GPT-2, Llama 3, Qwen)
//     and SentencePiece-style (Llama 2, Mistral, Gemma);
//   - the scored vocabularies of llama2.c;
//   - the rank files of tiktoken.
//
// A file that needs anything else is an error that wraps [ErrUnsupported] and names the feature.
// Files are never read approximately.
//
// # Character classes
//
// The patterns that cut text into words are written for the regular expressions of Rust and
// Oniguruma, and this package has their classes. \s is Unicode's White_Space: it contains U+0085
// and not U+FEFF, unlike in JavaScript. \p{L} and \p{N} are those of package unicode. (?i:'s) also
// matches the long s (U+017F), which folds to s. A letter that was added to Unicode after
// [unicode.Version] counts as punctuation, as in every tokenizer with older tables.
//
// Normal forms are those of golang.org/x/text/unicode/norm, which breaks up runs of more than 30
// combining marks (Stream-Safe Text, UAX #15).
package tokenizer
