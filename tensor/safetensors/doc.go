// Package safetensors reads and writes the file format of published language models: a JSON header
// that names tensors, then their bytes.
//
//	f, err := safetensors.Open("model.safetensors") // or a folder, or model.safetensors.index.json
//	defer f.Close()
//	weights, err := f.Float32s("lm_head.weight")
//
// A file contains, in little-endian order (https://github.com/huggingface/safetensors):
//
//	8 bytes   n, the length of the header
//	n bytes   {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}
//	the rest  the tensors, without gaps, row-major
//
// [Open] checks the whole header before it allocates or returns anything: offsets are inside the
// file, without overlap and gaps; sizes are those of the shapes; no name is listed twice. A header
// has at most 100 MB, as the format requires. Tensors are read on request, directly to their
// destination. The file is read and not mapped: a page of a mapping that the disk cannot deliver,
// or that another process has truncated, ends the program instead of returning an error.
package safetensors
