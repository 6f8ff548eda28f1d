//go:build !amd64 || purego

package kernel

func bf16Widen([]float32, []uint16) int  { return 0 }
func bf16Narrow([]uint16, []float32) int { return 0 }
func f16Widen([]float32, []uint16) int   { return 0 }
func f16Narrow([]uint16, []float32) int  { return 0 }
