// Package jsonl reads and writes training rows, one JSON object per line.
//
// Most programs need two calls:
//
//	data, err := jsonl.Load("rows.jsonl.zst")
//	err = jsonl.Save(ctx, "kept.jsonl", data)
//
// [Load] reads every common layout of rows (see [Shape]), plain or compressed with gzip or zstd,
// which it detects from the content. [Save] writes a temporary file and renames it, so that a file
// appears whole or not at all. [Read] and [SaveStream] do the same in constant memory. [Reader]
// adds line numbers and shapes, [Reader.Blocks] reads one file on all cores, and [Writer] writes to
// any io.Writer. [Index] and [Indexed] read any row of a plain file that may be larger than memory.
//
// A row that was read and not changed is written back byte for byte, and a changed text replaces
// its value alone, so that no field is lost. The package can read every row that it writes; a row
// that a shape cannot represent is an error. [Turns] chooses the turns that are learnt, and
// [CountUnread] counts the fields that are not read.
//
// The package treats its input as hostile. It checks limits on line length, nesting and number of
// fields before it allocates memory. Every failure is an [*Error] with the position, the cause and
// a remedy. The package never repairs text: it rejects invalid UTF-8, lone surrogates and duplicate
// fields, because a trainer that repairs them differently would train on a different row.
// docs/rows.md specifies the format.
package jsonl
