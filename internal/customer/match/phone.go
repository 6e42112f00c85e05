package match

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// What is wrong with a number that Phone refuses.
var (
	errPhoneEmpty    = errors.New("there is no number")
	errPhoneTooShort = errors.New("the number has fewer than 5 digits")
	errPhoneTooLong  = errors.New("the number has more than 15 digits")
	errPhoneCountry  = errors.New("no country's numbers begin with +0")
)

// Phone gives a telephone number as compared: its digits, with a + before them
// where the country's code is known to be among them, as after + or 00. A
// number written for callers inside its country keeps its leading zero, and is
// not equal to the same number with the country's code: which country it is of
// is not for this package to guess.
//
// Spaces, brackets and punctuation go, and so do the "(0)" of "+44 (0)20" and an
// extension: it leads to a desk behind the number. The digits of any script are
// read. An error says what is wrong: letters, too few digits (under 5), more
// than the 15 that ITU-T E.164 allows. The number is not looked up; it may be
// well written and nobody's.
func Phone(number string) (string, error) {
	text := strings.TrimSpace(fold(number))
	if len(text) >= len("tel:") && text[:len("tel:")] == "tel:" {
		text = strings.TrimSpace(text[len("tel:"):])
	}
	text = withoutExtension(text)
	international := false
	switch {
	case strings.HasPrefix(text, "(+"):
		text, international = text[len("(+"):], true
	case strings.HasPrefix(text, "+"):
		text, international = text[len("+"):], true
	case strings.HasPrefix(text, "00"):
		text, international = text[len("00"):], true
	}
	if international && !keepsZero(text) {
		text = strings.Replace(text, "(0)", "", 1)
	}
	digits, err := onlyDigits(text)
	switch {
	case err != nil:
		return "", err
	case digits == "":
		return "", errPhoneEmpty
	case international && digits[0] == '0':
		return "", errPhoneCountry
	case len(digits) < 5:
		return "", errPhoneTooShort
	case len(digits) > 15:
		return "", errPhoneTooLong
	case international:
		return "+" + digits, nil
	}
	return digits, nil
}

// keepsZero tells of Italy, the Vatican and San Marino: there the zero is dialled
// from abroad as well.
func keepsZero(text string) bool {
	return strings.HasPrefix(text, "39") || strings.HasPrefix(text, "378")
}

// withoutExtension cuts an extension off: "ext. 12", "x12", "# 12", ";ext=12".
func withoutExtension(text string) string {
	for _, mark := range []string{";", "ext", "extension", "durchwahl", "poste", "#", "x"} {
		if before, after, found := strings.Cut(text, mark); found && before != "" && hasDigits(before) && hasDigits(after) {
			return before
		}
	}
	return text
}

func hasDigits(text string) bool { return strings.ContainsAny(text, "0123456789") }

// onlyDigits gives the digits of a number, or says what else there is.
func onlyDigits(text string) (string, error) {
	var digits strings.Builder
	for _, character := range text {
		switch {
		case '0' <= character && character <= '9':
			digits.WriteRune(character)
		case unicode.IsSpace(character), strings.ContainsRune("()[]-./_", character), unicode.Is(unicode.Pd, character):
		default:
			return "", fmt.Errorf("%q does not belong into a number", character)
		}
	}
	return digits.String(), nil
}
