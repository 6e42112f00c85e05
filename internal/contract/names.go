package contract

import (
	"cmp"
	"regexp"
	"unicode/utf8"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// The bounds of names as the API server has them.
const (
	longestSeries  = 100
	longestEdition = 40
)

// named is what the API server demands of the name of a series or an edition.
var named = regexp.MustCompile(`^[^\s\p{C}]([^\p{C}]*[^\s\p{C}])?$`)

// SeriesName is a name that a store has for a series, if a status can say it: a status
// that the API server refuses would be refused for ever.
func SeriesName(name string) (stated crm.SeriesName, can bool) {
	return crm.SeriesName(name), named.MatchString(name) && utf8.RuneCountInString(name) <= longestSeries
}

// EditionName is the same for an edition.
func EditionName(name string) (stated crm.EditionName, can bool) {
	return crm.EditionName(name), named.MatchString(name) && utf8.RuneCountInString(name) <= longestEdition
}

// RunKeyPrefix begins the keys of a rule's runs, before '/'.
func RunKeyPrefix(rule *crm.CampaignRule) string { return cmp.Or(rule.Spec.RunKeyPrefix, rule.Name) }
