package intake

import (
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
)

func TestKinds(t *testing.T) {
	london, _ := time.LoadLocation("Europe/London")
	german := &conventions{zone: london, digits: 2, decimalComma: true}
	german.dates, _ = parseDateFormat("DD.MM.YYYY HH:mm")
	short := &conventions{zone: time.UTC, digits: -1}
	short.dates, _ = parseDateFormat("MM/DD/YY")
	compact := &conventions{zone: time.UTC, digits: 0}
	compact.dates, _ = parseDateFormat("YYYYMMDDHHmmss")
	plain := &conventions{zone: time.UTC, digits: 2}
	kuwait := &conventions{zone: time.UTC, digits: 3}
	exact := &conventions{zone: time.UTC, digits: 2, exact: true, decimalComma: true}
	inLondon := &conventions{zone: london, digits: 2}
	decoded := &conventions{zone: time.UTC, decoded: true}
	number := customer.Number
	text := customer.String
	for _, test := range []struct {
		kind    customer.Kind
		c       *conventions
		text    string
		want    customer.Value
		reason  string
		warning WarningKind
	}{
		{customer.Text, plain, "a \"b\"\tc\r\nd", text("a \"b\"\tc\r\nd"), "", 0},
		{customer.Text, plain, "a\x00b", customer.Value{}, "control character U+0000", 0},
		{customer.Text, plain, "a\x1fb", customer.Value{}, "control character U+001F", 0},
		{customer.Text, plain, "é\u0085b", customer.String("é\u0085b"), "", 0},
		{customer.Text, plain, "a\x7fb", customer.Value{}, "control character U+007F", 0},
		{customer.Text, plain, "a\xffb", customer.Value{}, "not valid UTF-8 at byte 2 (0xFF)", 0},
		{customer.Text, plain, "a\ufffdb", text("a\ufffdb"), "", 0},
		{customer.Text, decoded, "a\ufffdb", customer.Value{}, "nothing in the file's encoding", 0},
		{customer.Text, plain, strings.Repeat("é", 10_000), text(strings.Repeat("é", 10_000)), "", 0},
		{customer.Text, plain, strings.Repeat("é", 10_001), customer.Value{}, "has 10001 characters", 0},
		{customer.Word, plain, "exhibitor", text("Exhibitor"), "", 0},
		{customer.Word, plain, "Exhibiter", customer.Value{}, `"Exhibiter" is none of the words; did you mean "Exhibitor"?`, 0},
		{customer.Words, plain, "visitor; Exhibitor;", number(3), "", 0},
		{customer.Words, plain, ";", customer.Value{}, "", 0},
		{customer.Words, plain, "Visitor,Media", customer.Value{}, "is none of the words", 0},
		{customer.Whole, plain, "-1,234,567", number(-1234567), "", 0},
		{customer.Whole, plain, "12.0", number(12), "", 0},
		{customer.Whole, plain, "12.5", customer.Value{}, "has digits after the decimal sign", 0},
		{customer.Whole, plain, "9007199254740992", number(1 << 53), "", 0},
		{customer.Whole, plain, "9007199254740993", customer.Value{}, "does not fit", 0},
		{customer.Whole, plain, "99999999999999999999999999", customer.Value{}, "does not fit", 0},
		{customer.Whole, plain, "1000000000000000000000000", customer.Value{}, "does not fit", 0},
		{customer.Whole, plain, "1E3", customer.Value{}, "is no number", 0},
		{customer.Whole, exact, "1E3", number(1000), "", 0},
		{customer.Whole, exact, "1e-3", customer.Value{}, "has digits after", 0},
		{customer.Whole, exact, "1e999999999999", customer.Value{}, "does not fit", 0},
		{customer.Whole, exact, "0e999999999999", number(0), "", 0},
		{customer.Whole, plain, "+007", number(7), "", 0},
		{customer.Whole, plain, "-0", number(0), "", 0},
		{customer.Decimal, plain, ".5", number(50), "", 0},
		{customer.Decimal, plain, "5.", customer.Value{}, "is no number", 0},
		{customer.Decimal, plain, "-", customer.Value{}, "is no number", 0},
		{customer.Decimal, plain, ".", customer.Value{}, "is no number", 0},
		{customer.Decimal, plain, "--1", customer.Value{}, "is no number", 0},
		{customer.Decimal, plain, "1.2.3", customer.Value{}, "is no number", 0},
		{customer.Decimal, plain, "١٢", customer.Value{}, "is no number", 0},
		{customer.Decimal, plain, "12.3450", customer.Value{}, "more than 2 digits", 0},
		{customer.Decimal, plain, "12.3400", number(1234), "", 0},
		{customer.Decimal, plain, "NaN", customer.Value{}, "is no number", 0},
		{customer.Decimal, plain, "Infinity", customer.Value{}, "is no number", 0},
		{customer.Decimal, plain, "0x1F", customer.Value{}, "is no number", 0},
		{customer.Decimal, exact, "12.34", number(1234), "", 0},
		{customer.Decimal, exact, "1,234", customer.Value{}, "is no number", 0},
		{customer.Money, plain, "1,234.50", number(123450), "", 0},
		{customer.Money, plain, "1 234.50", number(123450), "", 0},
		{customer.Money, plain, "1\u00a0234\u00a0567", number(123456700), "", 0},
		{customer.Money, plain, "1'234.5", number(123450), "", 0},
		{customer.Money, plain, "1,23", customer.Value{}, "set format.decimalComma", 0},
		{customer.Money, plain, "12,34,567.00", customer.Value{}, "is no number", 0},
		{customer.Money, plain, "1,234 567", customer.Value{}, "is no number", 0},
		{customer.Money, plain, "1234,567", customer.Value{}, "is no number", 0},
		{customer.Money, plain, ",123", customer.Value{}, "is no number", 0},
		{customer.Money, plain, "1.234,50", customer.Value{}, "is no number", 0},
		{customer.Money, plain, "£12", customer.Value{}, "is no number", 0},
		{customer.Money, plain, "(12.00)", customer.Value{}, "is no number", 0},
		{customer.Money, plain, "12-", customer.Value{}, "is no number", 0},
		{customer.Money, plain, "12.345", customer.Value{}, "more than 2 digits", 0},
		{customer.Money, kuwait, "12.345", number(12345), "", 0},
		{customer.Money, compact, "12", number(12), "", 0},
		{customer.Money, compact, "12.5", customer.Value{}, "there are none of these", 0},
		{customer.Money, german, "1.234,50", number(123450), "", 0},
		{customer.Money, german, "1,234.50", customer.Value{}, "is no number", 0},
		{customer.Money, short, "12", customer.Value{}, "its row has no currency", 0},
		{customer.Currency, plain, "gbp", text("GBP"), "", 0},
		{customer.Currency, plain, "XYZ", customer.Value{}, "no ISO 4217 code", 0},
		{customer.Currency, plain, "D A", customer.Value{}, "no ISO 4217 code", 0},
		{customer.Currency, plain, "€", customer.Value{}, "no ISO 4217 code", 0},
		{customer.Day, plain, "1970-01-02", number(86_400_000), "", 0},
		{customer.Day, plain, "1969-12-31", number(-86_400_000), "", 0},
		{customer.Day, plain, "2010-12-01 08:26:00", number(14944 * 86_400_000), "", 0},
		{customer.Day, plain, "2010-12-01T23:26+14:00", number(14944 * 86_400_000), "", 0},
		{customer.Day, plain, "2024-02-29", number(19782 * 86_400_000), "", 0},
		{customer.Day, plain, "2023-02-30", customer.Value{}, "a day that no calendar has", 0},
		{customer.Day, plain, "1900-02-29", customer.Value{}, "a day that no calendar has", 0},
		{customer.Day, plain, "0000-01-01", customer.Value{}, "a day that no calendar has", 0},
		{customer.Day, plain, "2023-13-01", customer.Value{}, "a day that no calendar has", 0},
		{customer.Day, plain, "01.12.2010", customer.Value{}, "needs format.dateFormat", 0},
		{customer.Day, plain, "2023-1-1", customer.Value{}, "is no date", 0},
		{customer.Day, plain, "2023-01-01x", customer.Value{}, "is no date", 0},
		{customer.Day, german, "1.12.2010 8:26", number(14944 * 86_400_000), "", 0},
		{customer.Day, german, "2010-12-01", customer.Value{}, "is no date in the form DD.MM.YYYY HH:mm", 0},
		{customer.Day, short, "1/2/69", number(-364 * 86_400_000), "", 0},
		{customer.Day, short, "1/2/68", number(35795 * 86_400_000), "", 0},
		{customer.Instant, compact, "19700101000001", number(1000), "", 0},
		{customer.Instant, compact, "1970010100001", customer.Value{}, "is no date in the form", 0},
		{customer.Instant, plain, "1970-01-01", number(0), "", 0},
		{customer.Instant, plain, "1970-01-01T00:00:01.5Z", number(1500), "", 0},
		{customer.Instant, plain, "1970-01-01T00:00:00.123999Z", number(123), "", 0},
		{customer.Instant, plain, "1970-01-01 01:00+01:00", number(0), "", 0},
		{customer.Instant, plain, "1970-01-01 01:00+0100", number(0), "", 0},
		{customer.Instant, plain, "1969-12-31T23:00:00-01", number(0), "", 0},
		{customer.Instant, plain, "1970-01-01T24:00:00", customer.Value{}, "a time that no clock shows", 0},
		{customer.Instant, plain, "1970-01-01T00:00:60", customer.Value{}, "a time that no clock shows", 0},
		{customer.Instant, plain, "1970-01-01T00", customer.Value{}, "is no date", 0},
		{customer.Instant, plain, "1970-01-01T00:00:00.", customer.Value{}, "is no date", 0},
		{customer.Instant, plain, "1970-01-01T00:00:00+25:00", customer.Value{}, "is no date", 0},
		// In London, 1970 was summer time throughout.
		{customer.Instant, inLondon, "1970-01-01T01:00:00", number(0), "", 0},
		{customer.Instant, inLondon, "2010-07-01 12:00:00.25", number(1277982000250), "", 0},
		{customer.Instant, inLondon, "2010-07-01 12:00:00Z", number(1277985600000), "", 0},
		{customer.Truth, plain, "YES", number(1), "", 0},
		{customer.Truth, plain, "0", number(0), "", 0},
		{customer.Truth, plain, "ja", customer.Value{}, "translate it with words", 0},
		{customer.Country, plain, "United Kingdom", text("GB"), "", 0},
		{customer.Country, plain, "Wonderland", customer.Value{}, "", UnknownCountry},
		{customer.Zone, plain, "Europe/Paris", text("Europe/Paris"), "", 0},
		{customer.Zone, plain, "Local", customer.Value{}, "", UnknownZone},
		{customer.Zone, plain, "../../etc/passwd", customer.Value{}, "", UnknownZone},
		{customer.Language, plain, "de_at", text("de-AT"), "", 0},
		{customer.Language, plain, "German, I think", customer.Value{}, "", UnknownLanguage},
		{customer.Fact, plain, "B-1", text("B-1"), "", 0},
		{customer.Address, plain, "+44 20", text("+44 20"), "", 0},
		{customer.HashedAddress, plain, "x@y", text("x@y"), "", 0},
	} {
		s := &step{target: toRow, meaning: customer.Field{Kind: test.kind, Words: customer.Roles}}
		if test.kind == customer.Decimal {
			s.meaning.Scale = 2
		}
		value, wrong := readerOf(s)(test.c, s, test.text)
		if value != test.want || wrong.warning != test.warning || !strings.Contains(wrong.reason, test.reason) || (wrong.reason == "") != (test.reason == "") {
			t.Errorf("%s %q: got %+v, %+v", test.kind, shorten(test.text), value, wrong)
		}
	}
}

// TestDays compares with the calendar of the standard library.
func TestDays(t *testing.T) {
	for day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 10_000; day = day.AddDate(0, 0, 17) {
		m := moment{year: day.Year(), month: int(day.Month()), day: day.Day()}
		if m.unixDays()*86_400 != day.Unix() || m.day > daysIn(m.year, m.month) {
			t.Fatalf("%v: day %d", day, m.unixDays())
		}
	}
}

func TestTrim(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", " a ": "a", "\u00a0a\u3000": "a", "\t\r\n": "", "a b": "a b", "\u200ba": "\u200ba", "é ": "é", "\x85": "\x85",
	} {
		if got := trim(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
