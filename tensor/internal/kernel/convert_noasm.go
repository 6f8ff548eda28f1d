//go:build !amd64 || purego

package kernel

func bf16ToFloat32([]float32, []uint16) int { return 0 }
func float32ToBF16([]uint16, []float32) int { return 0 }
func f16ToFloat32([]float32, []uint16) int  { return 0 }
func float32ToF16([]uint16, []float32) int  { return 0 }
