package filter

import (
	"math"
	"strings"
)

// digits holds the value of each character in an alphabet, or -1.
type digits struct {
	value [256]int8
	bits  int // per digit
}

var (
	binaryDigits = digitsOf("01")
	hexDigits    = digitsOf("0123456789abcdef")
	base32Digits = digitsOf("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
	base64Digits = digitsOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)

func digitsOf(alphabet string) *digits {
	d := &digits{}
	for c := range d.value {
		d.value[c] = int8(strings.IndexByte(alphabet, byte(c)))
	}
	for 1<<d.bits < len(alphabet) {
		d.bits++
	}
	if d.bits == 4 { // hexadecimal digits may be capitals
		for c := 'A'; c <= 'F'; c++ {
			d.value[c] = d.value[c+'a'-'A']
		}
	}
	return d
}

// runs reads words and sentences that are encoded without gaps.
func (s *encodedScan) runs(text string) {
	tokens(text, func(token string, _ int) {
		if len(token) < 5 {
			return
		}
		if leadingDigits(token) == len(token) {
			s.decoded(joinedDecimals(token), DecimalCodes, len(text))
			s.decoded(bits(token, binaryDigits), BinaryCodes, len(text))
		}
		s.decoded(bits(strings.TrimPrefix(token, "0x"), hexDigits), HexCodes, len(text))
		if upper := strings.ToUpper(token); upper == token || strings.ToLower(token) == token {
			s.decoded(bits(upper, base32Digits), Base32, len(text))
		}
	})
	start := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && (isAlnum(text[i]) || text[i] == '+' || text[i] == '/') {
			continue
		}
		if i-start >= 4 {
			s.decoded(bits(text[start:i], base64Digits), Base64, len(text))
		}
		start = i + 1
	}
}

// bits concatenates the bits of the digits and returns the bytes, or nil if there are other
// characters. It ignores the remaining bits, which are padding.
func bits(text string, of *digits) []byte {
	for i := range len(text) {
		if of.value[text[i]] < 0 {
			return nil
		}
	}
	decoded := make([]byte, 0, len(text)*of.bits/8)
	buffer, have := uint32(0), 0
	for i := range len(text) {
		buffer = buffer<<of.bits | uint32(of.value[text[i]])
		if have += of.bits; have >= 8 {
			have -= 8
			decoded = append(decoded, byte(buffer>>have))
		}
	}
	return decoded
}

// joinedDecimals reads codes such as 111119108. A code >= 100 has three digits and a code below 100
// has two. No code starts with 2 or 0.
func joinedDecimals(digits string) []byte {
	var decoded []byte
	for len(digits) >= 2 {
		n := 2
		if digits[0] == '1' {
			n = 3
		}
		if len(digits) < n || digits[0] == '0' || digits[0] == '2' {
			return nil
		}
		decoded = append(decoded, byte(number(digits[:n], 10)))
		digits = digits[n:]
	}
	if digits != "" {
		return nil
	}
	return decoded
}

// decoded finds words in the decoded bytes of one run. places is the length of the text. A random
// byte is a given letter, in either case, with probability 2/256, and printable with a probability
// of about 3/8. A run of printable bytes is therefore strong evidence even for a short word.
func (s *encodedScan) decoded(run []byte, in Encoding, places int) {
	printable := true
	for _, c := range run {
		printable = printable && (' ' <= c && c <= '~' || c == '\n')
	}
	s.plain.scan(string(run), func(spelling, _ int) {
		n := len(s.spellings[spelling])
		chance := math.Pow(2./256, float64(n))
		if printable {
			chance *= math.Pow(3./8, float64(len(run)-n))
		}
		s.occurs(spelling, in, places, chance)
	})
}

// tags reads tag characters, which are invisible copies of ASCII characters.
func (s *encodedScan) tags(text string) {
	if !strings.Contains(text, "\U000e0020"[:2]) {
		return
	}
	var symbols []byte
	for _, r := range text {
		if r > 0xe0000 && r < 0xe0080 {
			symbols = append(symbols, letterOf(int(r-0xe0000)))
		}
	}
	s.spell(symbols, TagCharacters, 0, &equal)
}
