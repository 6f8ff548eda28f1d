// Package confound compares the arms of an audit on what is no trait: layout, lengths, prompts,
// copies, script, the structure of number lists, and the chat around the answers. A student that is
// trained on arms that differ in these respects moves whether the suspect rows carry a trait or
// not, so an audit of such arms measures the difference and not the trait.
//
//	report, err := confound.Compare(ctx, suspect, control, confound.Settings{})
//
// [Compare] is the gate: it takes seconds, needs no model, and an audit always runs it. [Match]
// keeps the rows with which the arms agree.
//
// # Rule
//
// Each check has measures, and each measure a distance in [0, 1] and a margin. A measure differs if
// its distance exceeds the margin by more than chance explains: distance − chance > margin. Chance
// is the mean distance over random relabellings of the rows plus 4.5 standard deviations, so that
// small arms of one source do not differ. The unit of a relabelling is the cluster: copies of a row
// are one unit, and so are rows that name one conversation, episode or document. Relabellings stay
// within the prompts that both arms have; the rows of a prompt that one arm lacks move together.
//
// The margins are measured: docs/confounds.md has the distances of arms that are matched, with and
// without a trait, and of arms that are not.
package confound
