package report

// words explains the words of a page to a reader who does not know them.
func words() Section {
	t := &Table{Caption: "What the words on this page mean", Header: []string{"word", "meaning"}, Plain: true}
	for _, w := range [][2]string{
		{"detected", "The trait was found in students that were trained on the rows, or in the rows themselves."},
		{"undetected", "Any effect is smaller than the tolerance, and the audit has shown that it finds a larger one. It does not mean safe."},
		{"inconclusive", "The audit cannot tell. It is not a weak form of undetected."},
		{"suspect, control", "The rows that are audited, and rows for the same prompts by a writer without the trait."},
		{"effect", "Suspect minus control: how much more the trait is expressed. Zero is no difference."},
		{"interval", "Effects that agree with what was observed. A wide interval means that little is known."},
		{"tolerance", "The smallest effect that matters. Effects inside the shaded band do not."},
		{"placebo", "Another value of the same kind, such as another animal. If placebos move as much, the trait is not special."},
		{"positive control", "Rows that are known to carry the trait. An audit that does not find them cannot clear anything."},
		{"limit of detection", "The smallest share of positive-control rows that the audit finds with the stated power."},
		{"p-value", "How often chance alone gives such an effect or a larger one. The adjusted p-value accounts for all tests of the audit."},
		{"replicate, pair", "One student of the suspect rows and its twin of the control rows, which starts from the same weights."},
	} {
		t.Rows = append(t.Rows, []Cell{plainCell(w[0]), plainCell(w[1])})
	}
	return Section{ID: "words", Title: "Words", Blocks: []Block{{Table: t}}}
}
