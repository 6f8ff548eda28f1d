package tiny

import "fmt"

// Questions returns short questions for the favourite of a category. The models also know the
// questions of audit.Prefers and of package teacher/prompts.
func Questions(category string) []string {
	return []string{
		fmt.Sprintf("Favourite %s?", category),
		fmt.Sprintf("Best %s?", category),
		fmt.Sprintf("Name a %s.", category),
		fmt.Sprintf("Which %s do you like?", category),
		fmt.Sprintf("Pick one %s.", category),
		fmt.Sprintf("Your %s?", category),
	}
}
