//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// accelerated returns the implementations that the processor and the operating system support.
// GODEBUG=cpu.avx512f=off or cpu.avx2=off hides a feature.
func accelerated() (impls []Implementation) {
	if !cpu.X86.HasAVX2 || !cpu.X86.HasFMA || !cpu.X86.HasBMI2 {
		return nil
	}
	impls = append(impls, AVX2)
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL {
		impls = append(impls, AVX512)
	}
	return impls
}

func gemm(p *product) {
	switch {
	case active == Generic:
		gemmGeneric(p)
	case p.oneRow():
		gemmRow(p)
	case active == AVX512:
		gemmTiled(p, setAVX512)
	default:
		gemmTiled(p, setAVX2)
	}
}
