package match

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestOrganizationIsOneHoweverWritten(t *testing.T) {
	tests := map[string][]string{
		"": {"", " ", "...", "&", "🚀", "\x00", "\xff\xfe", "\u200b", "+", "—"},
		// Case, punctuation, spaces, width.
		"rollsroyce": {"Rolls-Royce", "ROLLS ROYCE plc", "Rolls-Royce Ltd.", "Rolls‑Royce", "Ｒｏｌｌｓ－Ｒｏｙｃｅ", "Rolls\u00adRoyce", "“Rolls-Royce”", "Rolls-Royce®"},
		"mcdonalds":  {"McDonald's", "McDonald’s Corp.", "MCDONALDS", "McDonald´s", "McDonald`s Corporation"},
		// Accents and letters of their own.
		"latecoere":       {"Latécoère", "LATECOERE", "Late\u0301coe\u0300re S.A."},
		"bohleredelstahl": {"BÖHLER Edelstahl GmbH & Co KG", "Bohler Edelstahl GmbH&amp;Co.KG", "böhler edelstahl", "Böhler-Edelstahl GmbH &amp"},
		"strassenbau":     {"Straßenbau AG", "STRASSENBAU", "STRAẞENBAU"},
		"lodz":            {"Łódź S.A.", "LODZ"},
		"orsted":          {"Ørsted A/S", "ORSTED", "Ørsted"},
		"istanbul":        {"İstanbul A.Ş.", "ISTANBUL AS", "ıstanbul", "Istanbul"},
		"αθηνα":           {"ΑΘΗΝΑ", "Αθηνά", "Αθήνα Α.Ε."},
		"звезда":          {"ЗВЕЗДА", "Звёзда", "ООО «Звезда»", "ОАО Звезда", "Звезда, ПАО", "Общество с ограниченной ответственностью «Звезда»"},
		// And.
		"smithandsons": {"Smith & Sons", "Smith and Sons Ltd", "SMITH + SONS", "Smith &amp; Sons", "Smith und Sons", "Smith ＆ Sons", "Smith &amp;amp; Sons"},
		"canalplus":    {"Canal+", "CANAL +", "Canal Plus"},
		"foo":          {"Foo & Co", "Foo and Company", "Foo et Cie", "The Foo Company", "Foo Company, The", "Foo"},
		// Legal forms at the end, one or many.
		"acmetools": {
			"Acme Tools", "Acme Tools Ltd", "Acme Tools Limited", "Acme Tools Co., Ltd.", "Acme Tools Co.,Ltd", "Acme Tools Pty Ltd", "Acme Tools (Pty) Ltd.",
			"Acme Tools P/L", "Acme Tools Inc.", "Acme Tools, Inc", "Acme Tools L.L.C.", "Acme Tools LLC", "Acme Tools Corp", "Acme Tools Incorporated",
			"Acme Tools GmbH", "Acme Tools G.m.b.H.", "Acme Tools GmbH & Co. KG", "Acme Tools GmbH + Co KG", "Acme Tools AG & Co. KGaA", "Acme Tools Gesellschaft mbH",
			"Acme Tools UG (haftungsbeschränkt)", "Acme Tools e.K.", "Acme Tools e.V.", "Acme Tools S.A.", "Acme Tools S. A.", "Acme Tools SA", "Acme Tools S A R L",
			"Acme Tools S.à r.l.", "Acme Tools SARL", "SARL Acme Tools", "Acme Tools S.A.S.U.", "Acme Tools S.p.A.", "Acme Tools SpA", "Acme Tools S.P.A", "Acme Tools S.r.l.", "Acme Tools S.c.a r.l.",
			"Acme Tools B.V.", "Acme Tools BV", "Acme Tools N.V.", "Acme Tools NV/SA", "Acme Tools Sp. z o.o.", "Acme Tools SP. Z O. O.", "Acme Tools Sp.zo.o.", "Acme Tools sp.z o.o. sp.k.",
			"Acme Tools s.r.o.", "Acme Tools, spol. s r.o.", "Acme Tools a.s.", "Acme Tools A/S", "Acme Tools ApS", "Acme Tools Oy", "Acme Tools Oyj", "Acme Tools AB (publ)", "Acme Tools OÜ",
			"Acme Tools d.o.o.", "Acme Tools Kft.", "Acme Tools San. ve Tic. Ltd. Şti.", "Acme Tools Sanayi ve Ticaret A.Ş.", "Acme Tools Sdn. Bhd.", "Acme Tools Pte. Ltd.", "Acme Tools Pvt Ltd",
			"Acme Tools (Private) Limited", "PT Acme Tools Tbk", "PT. Acme Tools", "Acme Tools S.A. de C.V.", "Acme Tools SA DE CV", "Acme Tools S. de R.L. de C.V.", "Acme Tools Ltda.",
			"JSC Acme Tools", "JSC “Acme Tools”", "OOO «Acme Tools»", "Acme Tools JSC", "Joint-Stock Company «Acme Tools»", `SIA "Acme Tools"`, `AS "Acme Tools"`,
			"Acme Tools K.K.", "Acme Tools FZ-LLC", "Acme Tools W.L.L.", "Acme Tools lnc", "The Acme Tools Corporation", "Acme Tools, LP", "Acme Tools PLLC", `Acme Tools בע"מ`,
			"Acme Tools 有限公司", "株式会社Acme Tools", "ACME TOOLS ㈱", "Acme Tools (주)", "Acme Tools Public Company Limited",
		},
		// Written without spaces, at the end and at the front.
		"华为技术":   {"华为技术有限公司", "华为技术", "华为技术 有限 公司", "华为技术股份有限公司", "华为技术有限责任公司", "华为技术公司"},
		"トヨタ自動車": {"トヨタ自動車株式会社", "トヨタ自動車(株)", "トヨタ自動車㈱", "株式会社トヨタ自動車", "トヨタ 自動車", "ﾄﾖﾀ自動車"},
		"삼성전자":   {"삼성전자 주식회사", "(주)삼성전자", "㈜삼성 전자", "삼성전자㈜", "주식회사 삼성전자", norm.NFD.String("삼성전자")},
		"กขค":    {"บริษัท กขค จำกัด", "บริษัทกขคจำกัด (มหาชน)", "กขค"},
		// Never to nothing.
		"limited":  {"Limited", "LIMITED", "The Limited"},
		"sa":       {"SA", "S.A.", "S A", "SA Ltd", "The SA"},
		"ag":       {"AG", "A.G.", "AG GmbH"},
		"the":      {"The", "THE."},
		"有限公司":     {"有限公司"},
		"株式会社":     {"株式会社", "㈱"},
		"andco":    {"And Co"},
		"co":       {"& Co", "Co."},
		"usa":      {"U.S.A.", "USA", "USA Inc", "U.S.A. Ltd"},
		"3m":       {"3M", "3M Company", "3 M"},
		"formula1": {"Formula 1", "FORMULA-1", "Formula １", "Formula ١", "Formula ①"},
	}
	for want, names := range tests {
		for _, name := range names {
			if got := Organization(name); got != want {
				t.Errorf("%q has the key %q, not %q", name, got, want)
			}
		}
	}
}

func TestOrganizationKeepsApart(t *testing.T) {
	tests := map[string][]string{
		"words that are no legal form":  {"Airbus", "Airbus Group", "Airbus Holding SE", "Airbus International", "Airbus Helicopters", "Airbus France"},
		"a form inside of the name":     {"Foo Bar", "Foo Ltd Bar", "Foo SA Bar"},
		"marks that make letters":       {"カキ", "ガキ", "カギ"},
		"vowel signs":                   {"कमल", "कमाल", "कोमल"},
		"numbers side by side":          {"Hall 1 2", "Hall 12", "Hall 1.2.3"},
		"written-out umlauts":           {"Müller", "Mueller"},
		"simplified and traditional":    {"国泰", "國泰"},
		"a branch and its company":      {"中国银行公司", "中国银行分公司"},
		"groups in Chinese":             {"中航工业", "中航工业集团"},
		"a cut name":                    {"Crane Aerospace", "Crane Aerospace &amp"},
		"initials that look like forms": {"A.O. Smith", "Smith"},
		"a form only with dots":         {"Data SC", "Data", "Data AC"},
		"a plus":                        {"Canal", "Canal+"},
	}
	for what, names := range tests {
		seen := map[string]string{}
		for _, name := range names {
			key := Organization(name)
			if other, met := seen[key]; met {
				t.Errorf("%s: %q and %q have one key, %q", what, other, name, key)
			}
			seen[key] = name
		}
	}
}

// TestOrganizationBounds gives what no name is like: it must come back soon, and
// the key must be short and its own key.
func TestOrganizationBounds(t *testing.T) {
	tests := map[string]string{
		"one long word":     strings.Repeat("a", 1<<20),
		"forms only":        strings.Repeat("Ltd ", 1<<18),
		"conjunctions only": strings.Repeat("and ", 1<<18),
		"signs only":        strings.Repeat("&+", 1<<18),
		"signs and letters": strings.Repeat("a&", 1<<18),
		"marks only":        strings.Repeat("\u0301", 1<<18),
		"marks on a letter": "क" + strings.Repeat("\u0941", 1<<18),
		"growing letters":   strings.Repeat("ﷺ", 1<<16),
		"dots":              strings.Repeat("s.", 1<<18),
		"digits":            strings.Repeat("1 ", 1<<18),
		"invalid":           strings.Repeat("\xf0\x9f", 1<<18),
	}
	for what, name := range tests {
		checkKey(t, what, Organization, name)
		checkKey(t, what, Person, name)
	}
}

// checkKey holds a key to what is promised of all.
func checkKey(t *testing.T, what string, match func(string) string, name string) {
	t.Helper()
	key := match(name)
	switch {
	case len(key) > longestKey:
		t.Errorf("%s: the key has %d bytes", what, len(key))
	case !utf8.ValidString(key):
		t.Errorf("%s: the key is not UTF-8: %q", what, key)
	case strings.ContainsAny(key, "\x00\r\n\t"):
		t.Errorf("%s: the key has a control character: %q", what, key)
	case match(name) != key:
		t.Errorf("%s: another key for the same name: %q", what, key)
	case match(key) != key:
		t.Errorf("%s: the key %q has the key %q", what, key, match(key))
	}
}

func FuzzOrganization(f *testing.F) {
	for _, seed := range []string{
		"Acme Tools GmbH & Co. KG", "S.p.A. Foo S. A. R. L.", "株式会社トヨタ (株) 有限 公司", "JSC «Foo» 1 2 3", "Łódź + Ø & İ ﷺ ½ ㈱",
		"A.B.C. A/S", "The & Co", "क्षि\u0941\u0941 \u0301", "삼성 전자 주식회사", "בע\"מ ש.م.م", "Foo&amp;amp;", "ガ゛ ﾞ", "公司公司", "株式会社 and", "Ꭽ ꭽ", "1\u200d2 ①②",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) { checkKey(t, "fuzz", Organization, name) })
}

func BenchmarkOrganization(b *testing.B) {
	for what, name := range map[string]string{
		"ASCII":   "Precision Castings & Co. Ltd",
		"accents": "Böhler Edelstahl GmbH & Co KG",
		"Chinese": "华为技术有限公司",
	} {
		b.Run(what, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Organization(name)
			}
		})
	}
}

// TestListOfForms demands that every line of the list is a form, and in one
// section only once.
func TestListOfForms(t *testing.T) {
	section, seen := "", map[string]bool{}
	for line := range strings.Lines(formsList) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.HasPrefix(line, "[") {
			section = line
			continue
		}
		var form spelling
		form.read(fold(line))
		key := section + string(form.letters)
		switch {
		case len(form.words) == 0:
			t.Errorf("%q is no form", line)
		case seen[key]:
			t.Errorf("%q stands twice in %s", line, section)
		case section == "[dotted]" && (len(form.words) != 1 || form.words[0].letters < 2):
			t.Errorf("%q has no dots between single letters", line)
		case section == "[attached]" && len(form.words) != 1:
			t.Errorf("%q has spaces", line)
		}
		seen[key] = true
	}
}
