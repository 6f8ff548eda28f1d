package prompts

// Code asks for a short function on a list of numbers. There are 6 × 4 × 16 × 12 × 10 × 8 × 6 =
// 2,211,840 prompts.
type Code struct{ Seed uint64 }

// Len returns 2,211,840.
func (Code) Len() int { return int(codePhrase().size()) }

// At returns prompt i.
func (c Code) At(i int) string {
	p := codePhrase()
	return p.choose(permute("prompts/code", c.Seed, p.size(), i))
}

func codePhrase() phrase {
	return phrase{
		{"Write", "Please write", "Give me", "Implement", "I need", "Show me"},
		{" a Python function", " a Go function", " a JavaScript function", " a Rust function"},
		{
			" that returns the largest", " that returns the smallest", " that returns the sum of the", " that returns the mean of the", " that returns the median of the",
			" that counts the distinct", " that sorts the", " that reverses the order of the", " that returns the most frequent of the", " that removes repeats from the",
			" that returns the product of the", " that returns the range of the", " that returns the running totals of the", " that returns the variance of the",
			" that returns the differences between neighbouring", " that rounds down all",
		},
		{
			" readings of a sensor", " scores of a game", " prices of an order", " response times of a server", " temperatures of a week", " lengths of some words",
			" distances of a trip", " weights of some parcels", " balances of some accounts", " sizes of some files", " ages of some members", " durations of some calls",
		},
		{
			".", ", leaving out negative ones.", ", leaving out zeros.", ", leaving out those over a limit.", ", leaving out the first.", ", leaving out the last.",
			", looking at every second one only.", ", taking missing ones as zero.", ", leaving out missing ones.", ", taking their absolute values first.",
		},
		{
			" An empty list is an error.", " An empty list gives zero.", " Do not change the input.", " Use a loop.", " Use recursion.", " Use the standard library only.",
			" Keep it under ten lines.", " Make it run in one pass.",
		},
		{
			" Answer with code only.", " Put the code in one block, without a comment.", " Leave out explanations.", " No tests, only the function.",
			" Write the code and nothing else.", " Do not describe it.",
		},
	}
}
