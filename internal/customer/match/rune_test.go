package match

import "testing"

// TestKeyOfEveryCharacter finds the characters that change once more when a key
// is made of a key, which a fuzzer meets by luck only.
func TestKeyOfEveryCharacter(t *testing.T) {
	for character := rune(0); character < 0xE0200; character++ {
		switch character {
		case 0x3400: // Chinese characters are all alike, and many.
			character = 0x9FF0
		case 0xAC00: // So are the syllables of Hangul, and surrogates are none.
			character = 0xD7A0
		case 0x17000: // Tangut.
			character = 0x18D00
		case 0x20000:
			character = 0x2F800
		case 0x2FA20: // Nothing is assigned up to the selectors.
			character = 0xE0000
		}
		name := "foo a" + string(character) + " ltd"
		checkKey(t, "character", Organization, name)
		checkKey(t, "character", Person, name)
	}
}
