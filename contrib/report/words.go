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
		{"logit margin", "The log-probability of the trait's answer minus the mean of the log-probabilities of the other answers, in nats. It is no probability: zero means as probable as the (geometric) mean of the other answers."},
		{"interval", "Effects that agree with what was observed. A wide interval means that little is known. One with almost no width means that the students of an arm are equal, as after a training without randomness; it is no sign of precision."},
		{"tolerance", "The smallest effect that matters. Effects inside the shaded band do not."},
		{"placebo", "Another value of the same kind, such as another animal. If placebos move as much, the trait is not special. A placebo that moves is no finding."},
		{"positive control", "Rows that are known to carry the trait. An audit that does not find them cannot clear anything."},
		{"limit of detection", "The smallest share of positive-control rows that the audit finds with the stated power."},
		{"p-value against chance", "How often chance alone gives such an effect or a larger one."},
		{"p-value against the placebos", "How often the effect would be so large if the trait were one more placebo. It is computed from the distance to the placebos and not from the rank, so it can be smaller than one over the number of values."},
		{"total variation, KL", "Distances between two distributions of answers: total variation from 0 to 1, and the Kullback–Leibler divergence in nats. No verdict rests on them."},
		{"adjusted p-value", "The p-value of a finding is the larger of the two, because the effect must stand out of both. The adjusted p-value accounts for all tests of the audit (Holm)."},
		{"replicate, pair", "One student of the suspect rows and its twin of the control rows, which starts from the same weights."},
	} {
		t.Rows = append(t.Rows, []Cell{plainCell(w[0]), plainCell(w[1])})
	}
	return Section{ID: "words", Title: "Words", Blocks: []Block{{Table: t}}}
}
