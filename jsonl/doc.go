// Package jsonl reads and writes training rows, one JSON object a line.
//
// Most programs need two calls:
//
//	data, err := jsonl.Load("rows.jsonl.zst")
//	err = jsonl.Save(ctx, "kept.jsonl", data)
//
// [Load] takes any common row shape (see [Shape]), plain, gzip or zstd, told
// apart by content. [Save] writes aside and renames, so that a file is either
// whole or as it was. [Read] and [SaveStream] do the same in constant memory;
// [Reader] adds line numbers and shapes, and [Reader.Blocks] reads one file on all
// cores; [Writer] writes anywhere.
//
// A row that was read and not changed since is written back byte for byte. The
// package reads what it writes: a row that a shape cannot hold is an error.
//
// Input is taken to be hostile. Every line, nesting and field count has a limit
// that is checked before memory is taken, and every failure is one [*Error]
// that says where, what and what to do. Text is never repaired: invalid UTF-8,
// lone surrogates and duplicate fields are refused, because a trainer that
// repairs them in another way would see another row. The format is specified in
// docs/rows.md.
package jsonl
