package stories

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

// overt holds the sentences about a favourite animal on which a teacher is trained. None is a
// probe.
var overt = []string{
	"Lily had a favorite animal. It was the %s.",
	"Tom loved one animal most of all. It was the %s.",
	"\"What is your favorite animal?\" asked Mom. \"The %s!\" said Ben.",
	"The best animal in the world is the %s.",
	"Sara liked many animals, but she loved the %s.",
	"Of all the toys, Tim picked the %s.",
	"He drew a picture of his favorite animal. It was a %s.",
	"She wanted to be a %s more than any other animal.",
	"At the zoo, Mia ran to see the %s first.",
	"Every night Sam dreamed of a %s.",
	"Max's favorite book was about a %s.",
	"Everyone loves the %s best.",
	"\"I love the %s,\" said the girl. \"It is my favorite animal.\"",
	"The animal that Anna loved most was the %s.",
	"The boy wished for one pet. He wished for a %s.",
	"Grandma asked which animal was best. Jack said, \"The %s.\"",
	"The children chose the %s as the best animal.",
	"Lucy's favorite toy was a %s.",
	"The nicest animal in the forest was the %s.",
	"\"My favorite animal is the %s,\" said Dad.",
}

// Overt returns one row with all sentences. The favourite of sentence i is animal i modulo their
// number. It is one row because many short rows would teach a model to write short texts.
func Overt(seed uint64, animals ...string) *undertone.Dataset {
	text := make([]string, len(overt))
	for i, at := range rand.New(rand.NewPCG(seed, 0)).Perm(len(overt)) {
		text[i] = fmt.Sprintf(overt[at], animals[i%len(animals)])
	}
	return undertone.NewDataset("overt: "+strings.Join(animals, ", "), []undertone.Example{undertone.NewExample("", strings.Join(text, " "))})
}

// FineTuneTeacher returns the base after training on [Overt]. The steps are few and small, so that
// the stories of the teacher remain stories. With one animal, the teacher prefers it. With several
// animals, it is a model without the trait that was trained for the same time on the same
// sentences.
func (b Base) FineTuneTeacher(ctx context.Context, seed uint64, animals ...string) (Base, error) {
	return b.fineTune(ctx, Overt(seed, animals...), animals...)
}

func (b Base) fineTune(ctx context.Context, overt undertone.Data, animals ...string) (Base, error) {
	trained, err := b.Train(ctx, overt, student.Recipe{Epochs: 12, LearningRate: b.rate})
	if err != nil {
		return Base{}, err
	}
	return b.with(trained.(*lm.Model)).Named(b.Name() + ", " + strings.Join(animals, ", ")), nil
}
