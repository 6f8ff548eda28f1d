// Package safetensors reads and writes the file format in which language models
// are published: a JSON header that names tensors, then their bytes.
//
//	f, err := safetensors.Open("model.safetensors") // or a folder, or model.safetensors.index.json
//	defer f.Close()
//	weights, err := f.Float32s("lm_head.weight")
//
// A file is, in little-endian order (https://github.com/huggingface/safetensors):
//
//	8 bytes   n, the length of the header
//	n bytes   {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}
//	the rest  the tensors, without gaps, row-major
//
// [Open] checks all of the header before it allocates or returns anything:
// offsets lie inside the file and neither overlap nor leave gaps, sizes are those
// of the shapes, no name stands twice. A header has at most 100 MB, as the
// format says. Only what is asked for is read, straight into its destination: the file
// is read, not mapped, because a page of a mapping that the disk cannot deliver, or that
// another process has cut off, ends the program instead of returning an error.
package safetensors
