package match

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Person gives the match key of a person's name: equal keys mean the same name,
// however it was written. It is empty if there is no letter and no digit in it.
//
// What makes no difference: case, accents, punctuation, spaces, hyphens, titles
// and forms of address ("Dr.", "Mrs", "Prof. Dr.-Ing.", "様"), degrees after the
// name ("PhD", "MBA"), and whether the family name stands first with a comma
// ("Curie, Marie"). The order of the names makes a difference, and so do a
// middle name, an initial, "Jr" and "III": they tell people apart.
//
// The names of a key stand with one space between, but those written in Chinese
// characters, kana or Hangul, where spaces mean nothing, without. The key has
// at most 512 bytes.
func Person(name string) string {
	var parts [][]string
	for part := range strings.SplitSeq(shorten(fold(name), longestKey), ",") {
		if words := personWords(part); len(words) > 0 {
			parts = append(parts, words)
		}
	}
	key := joinNames(withoutTitles(inOrder(parts)))
	for {
		plain := withoutHonorific(key)
		if plain == key {
			return norm.NFC.String(key)
		}
		// What stood before the honorific may be a degree.
		key = joinNames(withoutTitles(strings.Fields(plain)))
	}
}

// joinNames puts names together, with a space where their script has spaces.
func joinNames(names []string) string {
	var joined strings.Builder
	spaceless := false
	for at, name := range names {
		first, _ := utf8.DecodeRuneInString(name)
		if at > 0 && (!spaceless || !withoutSpaces(first)) {
			joined.WriteByte(' ')
		}
		joined.WriteString(name)
		last, _ := utf8.DecodeLastRuneInString(name)
		spaceless = withoutSpaces(last)
	}
	return joined.String()
}

// betweenNames are signs that part names, so that "J.R. Hartley" is "J. R. Hartley"
// and "Mr & Mrs Hartley" is Hartley.
var betweenNames = strings.NewReplacer(".", " ", "&", " ", "+", " ")

// personWords takes a part of a name apart.
func personWords(part string) []string {
	var read spelling
	read.read(betweenNames.Replace(part))
	words := make([]string, 0, len(read.words))
	for _, one := range read.words {
		words = append(words, string(read.text(one)))
	}
	return words
}

// inOrder puts the parts that stood between commas into the order of speech:
// the given name, the family name, and what follows it, such as Jr. Parts that
// hold nothing but titles go, as long as another remains.
func inOrder(parts [][]string) []string {
	named := make([][]string, 0, len(parts))
	for _, part := range parts {
		if !onlyTitles(part) {
			named = append(named, withoutTitles(part))
		}
	}
	if len(named) == 0 {
		named = parts
	}
	if len(named) > 1 && !generation(named[1]) && !familyFirst(named[0]) {
		named[0], named[1] = named[1], named[0]
	}
	var words []string
	for _, part := range named {
		words = append(words, part...)
	}
	return words
}

// generation tells of what stands after a comma but is no given name.
func generation(part []string) bool {
	switch strings.Join(part, " ") {
	case "jr", "junior", "sr", "senior", "ii", "iii", "iv", "v":
		return true
	}
	return false
}

// familyFirst tells whether the name is of a script whose languages put the
// family name first in any case.
func familyFirst(part []string) bool {
	for _, character := range part[0] {
		return withoutSpaces(character)
	}
	return false
}

// onlyTitles tells whether there is no name among the words.
func onlyTitles(words []string) bool {
	for len(words) > 0 {
		switch {
		case titles[words[0]] || degrees[words[0]]:
			words = words[1:]
		case spelledDegree(words):
			words = words[2:]
		default:
			return false
		}
	}
	return true
}

// withoutTitles takes titles from the front of a name and degrees from its end,
// as long as a name remains.
func withoutTitles(words []string) []string {
	for len(words) > 1 && titles[words[0]] && !onlyTitles(words[1:]) {
		words = words[1:]
	}
	for len(words) > 1 {
		last := len(words) - 1
		switch {
		case degrees[words[last]]:
			words = words[:last]
		case last > 1 && spelledDegree(words[last-1:]):
			words = words[:last-1]
		default:
			return words
		}
	}
	return words
}

// spelledDegree tells whether the words begin with "Ph. D.", the one degree
// that people write in two.
func spelledDegree(words []string) bool {
	return len(words) > 1 && words[0] == "ph" && words[1] == "d"
}

// withoutHonorific takes from a name of East Asia the forms of address after it.
func withoutHonorific(name string) string {
	for shortened := true; shortened; {
		shortened = false
		for _, honorific := range honorifics {
			if before, found := strings.CutSuffix(name, honorific); found && strings.TrimSpace(before) != "" {
				name, shortened = strings.TrimSpace(before), true
			}
		}
	}
	return name
}

// honorifics are forms of address that stand after a name without a space.
var honorifics = []string{"様", "さん", "先生", "女士", "小姐"}

// titles are what may stand before a name and is none, folded. Words that are
// names as well, such as Dean, Major, Don and Judge, are not among them, nor is
// the M of a French Monsieur: it is as often an initial.
var titles = setOf(`mr mrs ms miss mx mister madam dr doctor prof professor sir dame lady
	herr frau hr fr mag dipl ing inz dipling drmed med rer nat phil jur iur habil hc
	mme mlle monsieur madame mademoiselle me maitre
	sr sra srta senor senora senorita
	sig sigra signor signora signorina dott dottore dottssa dottoressa avv arch
	de mevr dhr mevrouw meneer ir drs
	pan pani mudr judr rndr phdr bc mgr
	rev reverend hon honourable honorable
	capt captain cpt cmdr commander col colonel lt lieutenant sgt sergeant maj brig adm admiral gp
	shri smt datuk dato tan`)

// degrees are what may stand after a name and is none, folded.
var degrees = setOf(`phd msc bsc ba ma mba mbe obe cbe md dds jd llm llb esq esquire
	ceng cpa cfa pmp mphil dphil meng beng freng fraes mraes frics`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}
