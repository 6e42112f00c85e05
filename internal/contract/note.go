package contract

import "strings"

// noteLimit is how many bytes the note of an event may have: the API server refuses longer ones.
const noteLimit = 1024

// Note cuts a text to what the note of an event may be.
func Note(text string) string {
	const more = " ..."
	if len(text) <= noteLimit {
		return text
	}
	return strings.ToValidUTF8(text[:noteLimit-len(more)], "") + more
}
