package keys

import (
	"bytes"
	"crypto/ed25519"
)

// smallOrder reports whether an Ed25519 public key encodes a point of order 1, 2, 4 or 8, in any of
// its encodings. Signatures that verify for such a key can be made without a private key. The
// values are y of these points modulo 2²⁵⁵ − 19, little-endian as in RFC 8032; the sign bit does
// not matter. They are those of Chalkias, Garillot and Nikolaenko, "Taming the Many EdDSAs" (2020).
func smallOrder(key ed25519.PublicKey) bool {
	y := bytes.Clone(key)
	y[31] &= 0x7f
	for _, small := range smallOrderPoints {
		if bytes.Equal(y, small[:]) {
			return true
		}
	}
	return false
}

var smallOrderPoints = [...][32]byte{
	{},     // y = 0, order 4
	{0: 1}, // y = 1, order 1
	{ // order 8
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
	},
	{ // order 8
		0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
	},
	near2To255(0xec), // y = −1, order 2
	near2To255(0xed), // y = p, another encoding of 0
	near2To255(0xee), // y = p + 1, another encoding of 1
}

// near2To255 returns the little-endian number whose low byte is given and whose other bits, up to
// bit 254, are set.
func near2To255(low byte) (y [32]byte) {
	for i := range y {
		y[i] = 0xff
	}
	y[0], y[31] = low, 0x7f
	return y
}
