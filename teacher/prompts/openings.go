package prompts

// Openings asks to continue a first sentence. There are 8 × 20 × 20 × 20 = 64,000 prompts.
type Openings struct{ Seed uint64 }

// Len returns 64,000.
func (Openings) Len() int { return int(openingsPhrase().size()) }

// At returns prompt i.
func (o Openings) At(i int) string {
	p := openingsPhrase()
	return p.choose(permute("prompts/openings", o.Seed, p.size(), i))
}

func openingsPhrase() phrase {
	return phrase{
		{
			"Go on with this text: ", "Continue in three sentences: ", "What comes next? ", "Write the rest of this paragraph: ",
			"Finish this short story: ", "Carry on from here: ", "Here is a first sentence. Add four more. ", "Complete the passage: ",
		},
		{
			"On a quiet morning,", "Late in the evening,", "After the meeting,", "Before the shop opened,", "In the last week of the term,",
			"During the long train ride,", "At the edge of town,", "When the lights came back,", "A year after the move,", "Between two appointments,",
			"While the rain lasted,", "On the first day of work,", "At the end of the shift,", "Once the guests had left,", "Just before noon,",
			"In the middle of the lesson,", "Soon after the holiday,", "With ten minutes to spare,", "As the storm passed,", "By the time the bus came,",
		},
		{
			" the clerk", " an old teacher", " the new neighbour", " a young engineer", " the night guard", " her brother", " the librarian", " a visitor",
			" the committee", " the mechanic", " my aunt", " the editor", " a student of law", " the postman", " the tailor", " our guide",
			" the caretaker", " a retired pilot", " the nurse", " his partner",
		},
		{
			" found a letter without a name.", " opened the wrong door.", " noticed that the clock had stopped.", " asked an unexpected question.",
			" put the key back on the table.", " lost the only copy of the plan.", " heard someone call from upstairs.", " decided to walk home.",
			" could not remember the password.", " received a parcel from abroad.", " read the notice twice.", " saw that a chair was missing.",
			" began to write a list.", " told the story again.", " repaired the broken radio.", " forgot to lock the drawer.",
			" made a call that changed the day.", " drew a map on the back of a ticket.", " discovered an error in the report.", " waited for an answer.",
		},
	}
}
