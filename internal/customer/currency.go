package customer

import "strings"

// The currencies of ISO 4217 by their digits after the point, and those of
// Europe that gave way to the euro, since lists reach back. Unicode's list gives
// some of them other digits (it drops those that are out of use in cash), and an
// amount of 12.50 would be refused by it.
const (
	currencies0 = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF BEF ESP ITL LUF"
	currencies2 = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD " +
		"CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD " +
		"GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD " +
		"MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB " +
		"SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN " +
		"UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG " +
		"ATS CYP DEM EEK FIM FRF GRD IEP LTL LVL MTL NLG PTE SIT SKK"
	currencies3 = "BHD IQD JOD KWD LYD OMR TND"
	currencies4 = "CLF UYW"
)

// MinorDigits gives the number of digits after the point of a currency's
// amounts, and whether ISO 4217 knows the code.
func MinorDigits(code string) (digits int, ok bool) {
	// As in a list with separators, a code of three letters stands in whole.
	if len(code) != 3 || strings.ContainsRune(code, ' ') {
		return 0, false
	}
	switch {
	case strings.Contains(currencies2, code):
		return 2, true
	case strings.Contains(currencies0, code):
		return 0, true
	case strings.Contains(currencies3, code):
		return 3, true
	case strings.Contains(currencies4, code):
		return 4, true
	}
	return 0, false
}
