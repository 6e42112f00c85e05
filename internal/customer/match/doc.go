// Package match decides when two records speak of the same organization,
// person, address, number or country, however each was written.
//
// The keys are for comparing and for finding candidates. They are not for
// showing, and an equal key is evidence, not proof: two companies of one name
// in two countries have one key. The functions are pure, safe to call from
// several goroutines at once, and give the same answer for the same text every
// time. A key is its own key, so a stored key may be compared with a new one.
// Whoever changes a list of this package changes keys: those stored have to be
// computed again.
package match
