// Package message makes subject, HTML and text for one recipient out of the
// templates of a plan (map rows G8, I14).
//
// Templates are those of Go with less in them: no file, network, clock or call of
// another template, no loop but over a list of the data. Compile finds what is
// wrong with them for whatever recipient, before anything is sent; what it lets
// through runs in bounded time and fails for nobody, but for output that would be
// longer than MaxPart.
package message

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/fairlead/fairlead/api/v1alpha1"
)

// The parts of a message, as mistakes name them.
const (
	partLocale  = "locale"
	partSubject = "subject"
	partHTML    = "html"
	partText    = "text"
)

// MaxTemplate is how many characters a template may have.
const MaxTemplate = 32_000

// Compiled are the messages of a plan, ready to be rendered. Several goroutines
// may use it at once.
type Compiled struct {
	messages []compiled
	digest   string
	// used are the paths of all that the templates name.
	used map[string]bool
}

// compiled is one message. html and text may be nil, not both.
type compiled struct {
	locale  string
	subject *compiledPart
	html    *compiledPart
	text    *compiledPart
	// derived is true for a text that was made of the html.
	derived bool
}

// Compile makes ready the messages of a plan, or says all that is wrong with
// them.
func Compile(plan []v1alpha1.Message, known Catalog) (*Compiled, []Mistake) {
	made := &Compiled{digest: digest(plan), used: map[string]bool{}}
	var mistakes []Mistake
	if len(plan) == 0 {
		mistakes = append(mistakes, Mistake{Message: "a plan has one message at least"})
	}
	for i := range plan {
		one := compiler{locale: string(plan[i].Locale), known: &known, used: made.used}
		made.messages = append(made.messages, one.message(&plan[i]))
		mistakes = append(mistakes, one.mistakes...)
	}
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	return made, nil
}

// Uses tells whether a template names a part of Data, such as Series, or something in it.
// What none of them names need not be filled in.
func (c *Compiled) Uses(part string) bool {
	for path := range c.used {
		if path == part || strings.HasPrefix(path, part+".") {
			return true
		}
	}
	return false
}

// Attributes are the names of those that templates name, in order.
func (c *Compiled) Attributes() []string {
	var names []string
	for path := range c.used {
		if name, is := strings.CutPrefix(path, attributesPath+"."); is {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Digest tells plans with other locales or texts apart.
func (c *Compiled) Digest() string { return c.digest }

func digest(plan []v1alpha1.Message) string {
	hash := sha256.New()
	for i := range plan {
		message := &plan[i]
		for _, text := range []string{string(message.Locale), message.Subject, message.HTML, message.Text} {
			// Lengths keep the end of one text apart from the beginning of the next.
			var length [8]byte
			binary.BigEndian.PutUint64(length[:], uint64(len(text)))
			hash.Write(length[:])
			hash.Write([]byte(text))
		}
	}
	return "sha256:" + hex.EncodeToString(hash.Sum(nil))
}

// Locale of one of the messages.
func (c *Compiled) Locale(index int) string { return c.messages[index].locale }

// For finds the message for whoever reads a locale: in just that, else in what it
// is a part of, else in any of the same language, else the first.
func (c *Compiled) For(locale string) int {
	for wanted := locale; wanted != ""; {
		for i := range c.messages {
			if strings.EqualFold(c.messages[i].locale, wanted) {
				return i
			}
		}
		wanted = wanted[:max(0, strings.LastIndexByte(wanted, '-'))]
	}
	for i := range c.messages {
		if strings.EqualFold(spoken(c.messages[i].locale), spoken(locale)) {
			return i
		}
	}
	return 0
}

// spoken is the language of a locale.
func spoken(locale string) string {
	language, _, _ := strings.Cut(locale, "-")
	return language
}
