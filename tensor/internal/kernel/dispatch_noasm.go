//go:build !amd64 || purego

package kernel

func accelerated() []Implementation { return nil }

func gemm(p *product) { gemmGeneric(p) }
