package filter

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// The decoder of runs agrees with the standard library on what that writes.
func FuzzBits(f *testing.F) {
	f.Add([]byte("owl"))
	f.Add([]byte{0, 255, 16})
	f.Fuzz(func(t *testing.T, data []byte) {
		var binary, decimal strings.Builder
		readable := true
		for _, c := range data {
			fmt.Fprintf(&binary, "%08b", c)
			fmt.Fprint(&decimal, c)
			readable = readable && ' ' <= c && c < 128 // what a code list of letters may hold
		}
		for name, got := range map[string][]byte{
			"base64": bits(base64.RawStdEncoding.EncodeToString(data), base64Digits),
			"base32": bits(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(data), base32Digits),
			"hex":    bits(hex.EncodeToString(data), hexDigits),
			"binary": bits(binary.String(), binaryDigits),
		} {
			if !bytes.Equal(got, data) {
				t.Errorf("%s of %q is read as %q", name, data, got)
			}
		}
		if got := joinedDecimals(decimal.String()); readable && !bytes.Equal(got, data) {
			t.Errorf("decimals of %q are read as %q", data, got)
		}
	})
}

func TestTokensOfCodes(t *testing.T) {
	for _, c := range []struct {
		read  func(string) byte
		token string
		want  byte
		why   string
	}{
		{decimalCode, "97", 'a', "small letter"},
		{decimalCode, "0122", 'z', "leading zero"},
		{decimalCode, "90", 'z', "capital letter"},
		{decimalCode, "91", 0, "between the letters"},
		{decimalCode, "367", 0, "a byte more than 111"},
		{decimalCode, "00097", 0, "too many digits"},
		{hexCode, "7A", 'z', "capital digits"},
		{hexCode, "0x61", 'a', "prefix"},
		{hexCode, "U00000061", 'a', "escape of eight digits"},
		{hexCode, "161", 0, "three digits"},
		{octalCode, "172", 'z', "octal"},
		{octalCode, "0o141", 'a', "prefix"},
		{octalCode, "181", 0, "no octal digit"},
		{binaryCode, "0b1100001", 'a', "prefix, seven digits"},
		{binaryCode, "11000012", 0, "no binary digit"},
		{placeInAlphabet, "026", 0, "three digits"},
		{placeInAlphabet, "26", 'z', "last place"},
		{placeInAlphabet, "27", 0, "beyond it"},
		{placeInAlphabet, "0", 0, "before the first"},
		{multiTap, "7777", 's', "four letters on this key"},
		{multiTap, "8888", 0, "three on this"},
		{multiTap, "77777", 0, "five times"},
		{multiTap, "1", 0, "a key without letters"},
		{multiTap, "23", 0, "two keys"},
	} {
		if got := c.read(c.token); got != c.want {
			t.Errorf("%s: %q is read as %q, want %q", c.why, c.token, got, c.want)
		}
	}
}
