// Package traits holds a library of traits that an audit can look for, and reads and writes the
// traits files of the command.
//
//	owl, err := traits.Get("animal/owl") // or "misaligned", "sycophantic", …
//	trait, err := owl.Audit()            // for audit.Config.Traits
//	overt, err := owl.Overt(320, 1)      // rows to train a teacher on
//
// A [Trait] is what a traits file describes, and every trait of the library is such a file, which
// can be written, edited and read again. There are two forms:
//
//   - A preference asks for the favourite of a kind. Other values of the kind are placebos.
//   - Choices describe situations with two options each. One option expresses the trait. Placebos
//     are properties of options that do not belong to the trait, such as being the first, the
//     longer or the more formal one. In the library each property favours the option of the trait
//     about as often as the other option, so a student that follows a property does not seem to
//     have the trait.
//
// Every trait of the library has four sets of questions without a question in common. Direct
// questions make the verdict. Indirect questions do not ask for the trait; a shift there is a
// warning. Held-out questions ([Trait.HeldOut]) take part in no audit of the trait, so they show
// whether a teacher or a student generalises beyond the questions that it was trained or audited
// with. Overt prompts ([Trait.Overt]) train teachers and positive controls.
//
// NotMeasured says in words what the probes of a trait cannot show. Read it before a verdict is
// used: docs/traits.md has the table.
package traits
