package sensitive

import "unicode"

// Mask shows of a value what a person needs to tell it from another: the last
// four of its letters and digits, two if it is short, and none if it is shorter
// than eight. How long the value is does not show.
func Mask(value string) string {
	const hidden = "••••"
	var characters []rune
	for _, one := range value {
		if unicode.IsLetter(one) || unicode.IsDigit(one) {
			characters = append(characters, one)
		}
	}
	shown := 0
	switch count := len(characters); {
	case count >= 12:
		shown = 4
	case count >= 8:
		shown = 2
	default:
		return hidden
	}
	return hidden + " " + string(characters[len(characters)-shown:])
}
