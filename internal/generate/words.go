package generate

// given is a given name, and as an address writes it.
type given struct{ native, plain string }

// culture is how names are made in a language. Every name has a word in it that
// says that nobody is called so.
type culture struct {
	locale string
	// firmMarks say that a firm is made up; trades what it makes.
	firmMarks, trades []string
	// forms are legal forms, and under the same position other spellings of them.
	forms, otherForms []string
	// han tells that names are made of counting characters, without spaces.
	han bool
	// formFirst is true where the legal form may stand first.
	formFirst bool
	given     []given
	// family puts a made-up stem and the word together: beforeStem and afterStem
	// stand around it.
	beforeStem, afterStem string
	// familyFirst is true where the family name comes first.
	familyFirst bool
	cities      []string
	regions     []string
	streets     []string
	titles      []string
	departments []string
	notes       []string
}

var english = culture{
	locale:    "en",
	firmMarks: []string{"Imaginary", "Fictional", "Make-Believe", "Nonexistent", "Placeholder"},
	trades:    []string{"Aerospace", "Machines", "Foods", "Textiles", "Instruments", "Cables & Harnesses", "Packaging", "Composites"},
	forms:     []string{"Ltd", "Inc", "plc", "LLC"}, otherForms: []string{"Limited", "Incorporated", "PLC", "L.L.C."},
	given: []given{
		{"Ada", "ada"}, {"Basil", "basil"}, {"Cleo", "cleo"}, {"Dora", "dora"}, {"Edwin", "edwin"}, {"Flora", "flora"}, {"Gus", "gus"}, {"Hazel", "hazel"},
		{"Iris", "iris"}, {"Jasper", "jasper"}, {"Kit", "kit"}, {"Lorna", "lorna"}, {"Miles", "miles"}, {"Nell", "nell"}, {"Otis", "otis"}, {"Zoë", "zoe"},
	},
	afterStem:   "sample",
	cities:      []string{"Exampleford", "Nonesuch-on-Sea", "Placeholder Bridge", "Upper Nowhere"},
	regions:     []string{"Fictionshire", "Neverland County"},
	streets:     []string{"Imaginary Lane", "Example Street", "Nowhere Road"},
	titles:      []string{"Managing Director", "Head of Marketing", "Events Manager", "Accounts Clerk", "Engineer"},
	departments: []string{"Management", "Marketing", "Logistics", "Finance", "Sales"},
	notes:       []string{"Asked about stands near the entrance.", "Wants a quote before the end of the month.", "Will decide after the board's meeting.", "No interest this year; call again."},
}

var german = culture{
	locale:    "de",
	firmMarks: []string{"Musterwerk", "Beispielhafte", "Erfundene", "Luftschloss", "Fantasie"},
	trades:    []string{"Luftfahrt", "Maschinenbau", "Nährmittel", "Gewebe", "Messgeräte", "Kabel & Stecker", "Verpackungen", "Prüfstände"},
	forms:     []string{"GmbH", "AG", "GmbH & Co. KG", "KG"}, otherForms: []string{"G.m.b.H.", "Aktiengesellschaft", "GmbH und Co KG", "K.G."},
	given: []given{
		{"Anneliese", "anneliese"}, {"Bärbel", "baerbel"}, {"Cornelius", "cornelius"}, {"Dörte", "doerte"}, {"Emil", "emil"}, {"Friederike", "friederike"},
		{"Götz", "goetz"}, {"Hannelore", "hannelore"}, {"Ingo", "ingo"}, {"Jürgen", "juergen"}, {"Käthe", "kaethe"}, {"Lorenz", "lorenz"}, {"Mareike", "mareike"}, {"Uwe", "uwe"},
	},
	beforeStem:  "Muster",
	cities:      []string{"Musterstadt", "Beispielhausen", "Niemandsweiler", "Fantasieburg"},
	regions:     []string{"Nirgendland", "Oberbeispiel"},
	streets:     []string{"Musterstraße", "Beispielweg", "Am Luftschloss"},
	titles:      []string{"Geschäftsführerin", "Leiter Marketing", "Messekoordinatorin", "Buchhaltung", "Ingenieur"},
	departments: []string{"Geschäftsführung", "Marketing", "Logistik", "Buchhaltung", "Vertrieb"},
	notes:       []string{"Fragt nach Ständen am Eingang.", "Möchte ein Angebot bis Monatsende.", "Entscheidet nach der Sitzung.", "Dieses Jahr kein Interesse."},
}

var french = culture{
	locale:    "fr",
	firmMarks: []string{"Société Fictive", "Établissements Imaginaires", "Maison Exemple", "Ateliers Inventés"},
	trades:    []string{"Aéronautique", "Mécanique", "Alimentation", "Étoffes", "Métrologie", "Câbles & Cie", "Emballages", "Matériaux"},
	forms:     []string{"SA", "SARL", "SAS"}, otherForms: []string{"S.A.", "S.A.R.L.", "S.A.S."},
	given: []given{
		{"Aurélie", "aurelie"}, {"Benoît", "benoit"}, {"Chloé", "chloe"}, {"Désirée", "desiree"}, {"Éloi", "eloi"}, {"François", "francois"}, {"Gaël", "gael"},
		{"Hélène", "helene"}, {"Inès", "ines"}, {"Joël", "joel"}, {"Léa", "lea"}, {"Mathéo", "matheo"}, {"Noémie", "noemie"}, {"Zélie", "zelie"},
	},
	afterStem:   "exemple",
	cities:      []string{"Exempleville", "Nulle-Part-sur-Mer", "Bourg-Fictif", "Saint-Imaginaire"},
	regions:     []string{"Haute-Fiction", "Pays de Nulle Part"},
	streets:     []string{"rue de l'Exemple", "avenue Imaginaire", "impasse Fictive"},
	titles:      []string{"Directrice générale", "Responsable marketing", "Chargé d'événements", "Comptable", "Ingénieure"},
	departments: []string{"Direction", "Marketing", "Logistique", "Comptabilité", "Ventes"},
	notes:       []string{"Demande un stand près de l'entrée.", "Souhaite un devis avant la fin du mois.", "Décidera après le conseil.", "Pas d'intérêt cette année."},
}

var spanish = culture{
	locale:    "es",
	firmMarks: []string{"Ficticia", "Inventos", "Imaginaria", "Ejemplar"},
	trades:    []string{"Aeronáutica", "Máquinas", "Alimentación", "Tejidos", "Medición", "Cables y Señales"},
	forms:     []string{"S.A.", "S.L."}, otherForms: []string{"SA", "SL"},
	given: []given{
		{"Álvaro", "alvaro"}, {"Begoña", "begona"}, {"Cándida", "candida"}, {"Inés", "ines"}, {"Íñigo", "inigo"}, {"Jesús", "jesus"}, {"Nuria", "nuria"}, {"Óscar", "oscar"},
	},
	afterStem:   "ejemplo",
	cities:      []string{"Ejemplópolis", "Villa Ficticia", "Ningún Lugar"},
	regions:     []string{"Tierra Inventada"},
	streets:     []string{"calle del Ejemplo", "paseo Imaginario"},
	titles:      []string{"Directora", "Jefe de ferias", "Contable"},
	departments: []string{"Dirección", "Ventas", "Logística"},
	notes:       []string{"Pide un stand junto a la entrada.", "Quiere oferta antes de fin de mes.", "Este año no."},
}

var swedish = culture{
	locale:    "sv",
	firmMarks: []string{"Påhittade", "Exempel", "Låtsas"},
	trades:    []string{"Flyg", "Maskiner", "Livsmedel", "Vävnader", "Mätning", "Förpackningar"},
	forms:     []string{"AB"}, otherForms: []string{"Aktiebolag"},
	given: []given{
		{"Åsa", "asa"}, {"Björn", "bjorn"}, {"Gösta", "gosta"}, {"Ingegärd", "ingegard"}, {"Östen", "osten"}, {"Märta", "marta"}, {"Pål", "pal"}, {"Ylva", "ylva"},
	},
	afterStem:   "exempel",
	cities:      []string{"Exempelköping", "Ingenstad", "Låtsasby"},
	regions:     []string{"Påhittslän"},
	streets:     []string{"Exempelgatan", "Ingenvägen"},
	titles:      []string{"Verkställande direktör", "Mässansvarig", "Ekonom"},
	departments: []string{"Ledning", "Marknad", "Ekonomi"},
	notes:       []string{"Vill ha en monter nära entrén.", "Ber om offert.", "Inte i år."},
}

var chinese = culture{
	locale:    "zh-Hans",
	han:       true,
	firmMarks: []string{"虚构", "示例", "假想", "样例"},
	trades:    []string{"航空", "机械", "食品", "纺织", "仪器", "包装", "材料"},
	forms:     []string{"有限公司", "股份有限公司"}, otherForms: []string{"有限责任公司", "股份公司"},
	given:       []given{{"虚", "xu"}, {"示", "shi"}, {"假", "jia"}, {"样", "yang"}},
	familyFirst: true,
	cities:      []string{"示例市", "虚构县", "无名镇"},
	regions:     []string{"假想省"},
	streets:     []string{"示例路", "虚构街"},
	titles:      []string{"总经理", "市场经理", "展会主管", "会计"},
	departments: []string{"管理部", "市场部", "物流部", "财务部"},
	notes:       []string{"希望展位靠近入口。", "月底前需要报价。", "今年不参加。"},
}

var japanese = culture{
	locale:    "ja",
	han:       true,
	formFirst: true,
	firmMarks: []string{"架空", "見本", "例示", "サンプル"},
	trades:    []string{"航空", "機械", "食品", "繊維", "計器", "包装"},
	forms:     []string{"株式会社", "有限会社"}, otherForms: []string{"(株)", "(有)"},
	given:       []given{{"見本", "mihon"}, {"架空", "kaku"}, {"例", "rei"}, {"仮", "kari"}},
	familyFirst: true,
	cities:      []string{"見本市", "架空町", "どこでもない村"},
	regions:     []string{"例示県"},
	streets:     []string{"見本通り", "架空町"},
	titles:      []string{"代表取締役", "マーケティング部長", "展示会担当"},
	departments: []string{"経営企画部", "営業部", "物流部", "経理部"},
	notes:       []string{"入口近くの小間を希望。", "月末までに見積もりが必要。", "今年は見送り。"},
}

// country is where customers are from.
type country struct {
	code   string
	weight int
	// culture of its names, and the locale if it is not that of the culture.
	culture *culture
	locale  string
	// currency of its customers: its digits after the point, and how much a EUR
	// was worth in it, in millionths.
	currency string
	digits   int
	rate     int64
	zone     string
	// phones are numbers kept for fiction, but for their last digits, which the
	// plan of the country leaves open; none if it keeps none.
	phone string
	open  int
}

// countries by how many customers they have. The ranges of numbers are those
// that Ofcom, NANPA, the Bundesnetzagentur, ARCEP and PTS keep for drama.
var countries = []country{
	{code: "GB", weight: 20, culture: &english, locale: "en-GB", currency: "GBP", digits: 2, rate: 860_000, zone: "Europe/London", phone: "+44 20 7946 0", open: 3},
	{code: "US", weight: 18, culture: &english, locale: "en-US", currency: "USD", digits: 2, rate: 1_090_000, phone: "+1 202 555 01", open: 2},
	{code: "DE", weight: 16, culture: &german, currency: "EUR", digits: 2, rate: 1_000_000, zone: "Europe/Berlin", phone: "+49 30 23125 ", open: 3},
	{code: "FR", weight: 12, culture: &french, currency: "EUR", digits: 2, rate: 1_000_000, zone: "Europe/Paris", phone: "+33 1 99 00 ", open: 4},
	{code: "CN", weight: 10, culture: &chinese, currency: "CNY", digits: 2, rate: 7_800_000, zone: "Asia/Shanghai"},
	{code: "JP", weight: 6, culture: &japanese, currency: "JPY", digits: 0, rate: 160_000_000, zone: "Asia/Tokyo"},
	{code: "CH", weight: 4, culture: &german, locale: "de-CH", currency: "CHF", digits: 2, rate: 960_000, zone: "Europe/Zurich"},
	{code: "ES", weight: 4, culture: &spanish, currency: "EUR", digits: 2, rate: 1_000_000},
	{code: "SE", weight: 3, culture: &swedish, currency: "SEK", digits: 2, rate: 11_300_000, zone: "Europe/Stockholm", phone: "+46 8 465 004 ", open: 2},
	{code: "AT", weight: 3, culture: &german, locale: "de-AT", currency: "EUR", digits: 2, rate: 1_000_000},
	{code: "IN", weight: 2, culture: &english, locale: "en-IN", currency: "INR", digits: 2, rate: 91_000_000, zone: "Asia/Kolkata"},
	{code: "KW", weight: 1, culture: &english, currency: "KWD", digits: 3, rate: 335_000, zone: "Asia/Kuwait"},
	{code: "MX", weight: 1, culture: &spanish, locale: "es-MX", currency: "MXN", digits: 2, rate: 19_500_000},
}

var countryWeights = func() (weights []int) {
	for i := range countries {
		weights = append(weights, countries[i].weight)
	}
	return weights
}()

// industries that sources name.
var industries = []string{"Aviation", "Mechanical engineering", "Food processing", "Textiles", "Measurement", "Logistics", "Packaging", "Software", "Materials"}
