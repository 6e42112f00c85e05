package message

import (
	"github.com/go-playground/locales"
	"github.com/go-playground/locales/ar"
	"github.com/go-playground/locales/bg"
	"github.com/go-playground/locales/ca"
	"github.com/go-playground/locales/cs"
	"github.com/go-playground/locales/da"
	"github.com/go-playground/locales/de"
	"github.com/go-playground/locales/de_AT"
	"github.com/go-playground/locales/de_CH"
	"github.com/go-playground/locales/el"
	"github.com/go-playground/locales/en"
	"github.com/go-playground/locales/en_001"
	"github.com/go-playground/locales/en_AU"
	"github.com/go-playground/locales/en_CA"
	"github.com/go-playground/locales/en_GB"
	"github.com/go-playground/locales/en_IE"
	"github.com/go-playground/locales/en_IN"
	"github.com/go-playground/locales/en_NZ"
	"github.com/go-playground/locales/en_SG"
	"github.com/go-playground/locales/en_ZA"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/es_419"
	"github.com/go-playground/locales/es_MX"
	"github.com/go-playground/locales/et"
	"github.com/go-playground/locales/fa"
	"github.com/go-playground/locales/fi"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/fr_BE"
	"github.com/go-playground/locales/fr_CA"
	"github.com/go-playground/locales/fr_CH"
	"github.com/go-playground/locales/he"
	"github.com/go-playground/locales/hi"
	"github.com/go-playground/locales/hr"
	"github.com/go-playground/locales/hu"
	"github.com/go-playground/locales/id"
	"github.com/go-playground/locales/it"
	"github.com/go-playground/locales/it_CH"
	"github.com/go-playground/locales/ja"
	"github.com/go-playground/locales/ko"
	"github.com/go-playground/locales/lt"
	"github.com/go-playground/locales/lv"
	"github.com/go-playground/locales/ms"
	"github.com/go-playground/locales/nb"
	"github.com/go-playground/locales/nl"
	"github.com/go-playground/locales/nl_BE"
	"github.com/go-playground/locales/nn"
	"github.com/go-playground/locales/pl"
	"github.com/go-playground/locales/pt"
	"github.com/go-playground/locales/pt_PT"
	"github.com/go-playground/locales/ro"
	"github.com/go-playground/locales/ru"
	"github.com/go-playground/locales/sk"
	"github.com/go-playground/locales/sl"
	"github.com/go-playground/locales/sr"
	"github.com/go-playground/locales/sr_Latn"
	"github.com/go-playground/locales/sv"
	"github.com/go-playground/locales/th"
	"github.com/go-playground/locales/tr"
	"github.com/go-playground/locales/uk"
	"github.com/go-playground/locales/vi"
	"github.com/go-playground/locales/zh"
	"github.com/go-playground/locales/zh_Hant"
	"github.com/go-playground/locales/zh_Hant_HK"
	tags "golang.org/x/text/language"
)

// calendars have the names of months and days, and the order of dates, by
// language. Each costs room in the program, so only languages of countries that
// send exhibitors are here; in others dates are written in figures.
var calendars = map[string]func() locales.Translator{
	"ar":         ar.New,
	"bg":         bg.New,
	"ca":         ca.New,
	"cs":         cs.New,
	"da":         da.New,
	"de":         de.New,
	"de-AT":      de_AT.New,
	"de-CH":      de_CH.New,
	"el":         el.New,
	"en":         en.New,
	"en-001":     en_001.New,
	"en-AU":      en_AU.New,
	"en-CA":      en_CA.New,
	"en-GB":      en_GB.New,
	"en-IE":      en_IE.New,
	"en-IN":      en_IN.New,
	"en-NZ":      en_NZ.New,
	"en-SG":      en_SG.New,
	"en-ZA":      en_ZA.New,
	"es":         es.New,
	"es-419":     es_419.New,
	"es-MX":      es_MX.New,
	"et":         et.New,
	"fa":         fa.New,
	"fi":         fi.New,
	"fr":         fr.New,
	"fr-BE":      fr_BE.New,
	"fr-CA":      fr_CA.New,
	"fr-CH":      fr_CH.New,
	"he":         he.New,
	"hi":         hi.New,
	"hr":         hr.New,
	"hu":         hu.New,
	"id":         id.New,
	"it":         it.New,
	"it-CH":      it_CH.New,
	"ja":         ja.New,
	"ko":         ko.New,
	"lt":         lt.New,
	"lv":         lv.New,
	"ms":         ms.New,
	"nb":         nb.New,
	"nl":         nl.New,
	"nl-BE":      nl_BE.New,
	"nn":         nn.New,
	"pl":         pl.New,
	"pt":         pt.New,
	"pt-PT":      pt_PT.New,
	"ro":         ro.New,
	"ru":         ru.New,
	"sk":         sk.New,
	"sl":         sl.New,
	"sr":         sr.New,
	"sr-Latn":    sr_Latn.New,
	"sv":         sv.New,
	"th":         th.New,
	"tr":         tr.New,
	"uk":         uk.New,
	"vi":         vi.New,
	"zh":         zh.New,
	"zh-Hant":    zh_Hant.New,
	"zh-Hant-HK": zh_Hant_HK.New,
	// What people call nb.
	"no": nb.New,
}

// calendarOf finds the calendar of a language, or of one that it comes from; nil
// if there is none.
func calendarOf(tag tags.Tag) locales.Translator {
	for ; tag != tags.Und; tag = tag.Parent() {
		if found := calendars[tag.String()]; found != nil {
			return found()
		}
	}
	return nil
}
