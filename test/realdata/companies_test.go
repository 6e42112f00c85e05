package realdata

// company is an exhibitor with an awkward history, looked up by hand in
// exhibitors.csv.gz, and what follows from it by the dates in exhibitions.csv.
//
// Every edition has closed by the tests' day, 23 November 2026. Those that closed
// within 1,826 days, since 23 November 2021, are Avalon 2023 and 2025, Farnborough
// 2022, 2024 and 2026, and SIAE 2023 and 2025.
type company struct {
	name string
	// named are the lists that name it, by how they spell it: all that the store may
	// take for it, and no other.
	named map[string]string
	// Figures in the order of seriesFigures, by series; "-" for one that is absent.
	series map[string]string
	// together are those over all series, in the order of customerFigures.
	together string
	// The same if Avalon 2025 had been cancelled: nothing changes in other series.
	avalonCancelled, togetherCancelled string
}

var (
	seriesFigures = []string{
		"firstEdition", "lastEdition", "participations", "consecutiveEditions", "missedEditions",
		"eligibleEditions", "eligibleParticipations", "windowEligibleEditions", "windowParticipations",
	}
	customerFigures = append([]string{"firstParticipation", "lastParticipation"}, seriesFigures[2:]...)
)

var companies = []company{
	{
		// In all three series, spelled in nine ways. Farnborough 2004 and 2018 name it
		// twice, which is one participation each. "ELBIT LTD" (SIAE 1995), "Elbit
		// America", "Elbit Systems UK" and "Elbit Systems of Australia" are other names.
		name: "Elbit Systems",
		named: map[string]string{
			"Elbit Systems Ltd":   "Avalon 2013 2015 2017 2023 Farnborough 2000 2002",
			"ELBIT SYSTEMS LTD":   "Avalon 2019 SIAE 2007 2017 2023 2025",
			"Elbit Systems Ltd.":  "Farnborough 2004 2006",
			"Elbit Systems Ltd .": "Farnborough 2010",
			"Elbit Systems":       "Farnborough 2014 2016 2018 2022 2024",
			"ELBIT SYSTEMS":       "Farnborough 2026",
			"ELBIT SYSTEMS Ltd":   "SIAE 2001",
			"ELBIT SYSTEMS, Ltd":  "SIAE 2003",
			"ELBIT SYSTEMS LTD.":  "SIAE 2009 2015 2019",
		},
		series: map[string]string{
			// Five of six; the last, 2025, is missed.
			"Avalon": "2013 2023 5 0 1 6 5 2 1",
			// Eleven of twelve: 2012 does not name it, and since 2014 six in a row.
			"Farnborough": "2000 2026 11 6 0 12 11 3 3",
			// Not yet in 1995 and 1997, which do not count; since 2001 all nine.
			"SIAE": "2001 2025 9 9 0 9 9 2 2",
		},
		// The longest run is that of SIAE, and nothing is missed where it still comes.
		together: "2000-07-24 2026-07-20 25 9 0 27 25 7 6",
		// It came to all that were held.
		avalonCancelled:   "2013 2023 5 5 0 5 5 1 1",
		togetherCancelled: "2000-07-24 2026-07-20 25 9 0 26 25 6 6",
	},
	{
		// Left Avalon for two editions and came back; stays away from Farnborough.
		// "PILATUS AUSTRALIA PTY LTD" (Avalon 2019) is another name.
		name: "Pilatus Aircraft",
		named: map[string]string{
			"Pilatus Aircraft Ltd":  "Avalon 2015 2017 2025 Farnborough 2000 2004 2006 2010 2012 2014 2016 2018",
			"Pilatus Aircraft Ltd.": "Farnborough 2002",
			"PILATUS AIRCRAFT":      "SIAE 1995 2003",
			"PILATUS AIRCRAFT LTD":  "SIAE 2007 2009 2015 2017 2023 2025",
			"PILATUS AIRCRAFT LTD.": "SIAE 2019",
		},
		series: map[string]string{
			// 2013 was before it joined; 2019 and 2023 are missed, 2025 ends that.
			"Avalon": "2015 2025 3 1 0 5 3 2 1",
			// Nine in a row, 2000 naming it twice; then 2022, 2024 and 2026 without it.
			"Farnborough": "2000 2018 9 0 3 12 9 3 0",
			// The fragments 1997 and 2001 do not name it: eight in a row since 2003.
			"SIAE": "1995 2025 9 8 0 11 9 2 2",
		},
		// Of Avalon 2025 in March and SIAE 2025 in June the latter is the last.
		together: "1995-06-10 2025-06-16 21 8 0 28 21 7 3",
		// It is as if it never came back: of 2015 to 2023 it missed the last two.
		avalonCancelled:   "2015 2017 2 0 2 4 2 1 0",
		togetherCancelled: "1995-06-10 2025-06-16 20 8 0 27 20 6 2",
	},
	{
		// Joined Avalon at its last edition, so that the window holds one edition for it
		// and not two; comes and goes elsewhere. Avalon and SIAE 2003, 2015, 2017 and
		// 2023 say the United Kingdom in four ways, the other lists say nothing.
		name: "Metalweb",
		named: map[string]string{
			"Metalweb":     "Avalon 2025",
			"Metalweb Plc": "Farnborough 2006",
			"MetalWeb":     "Farnborough 2018",
			"METALWEB LTD": "Farnborough 2024 2026",
			"METALWEB PLC": "SIAE 2003",
			"METALWEB":     "SIAE 2015 2017 2019 2023",
		},
		series: map[string]string{
			"Avalon": "2025 2025 1 1 0 1 1 1 1",
			// Nine were held since 2006; it came to the first, to 2018 and to the last two.
			"Farnborough": "2006 2026 4 2 0 9 4 3 2",
			// Eight were held since 2003; not 2007, 2009 and, after four in a row, 2025.
			"SIAE": "2003 2023 5 0 1 8 5 2 1",
		},
		together: "2003-06-15 2026-07-20 10 2 0 18 10 6 4",
		// It never was at Avalon, so nothing there was eligible or missed.
		avalonCancelled:   "- - 0 0 - - - - -",
		togetherCancelled: "2003-06-15 2026-07-20 9 2 0 17 9 5 3",
	},
	{
		// Stopped long ago. "Chemring Countermeasures UK" and "USA" (Avalon 2015 and
		// 2017) are other names.
		name: "Chemring Countermeasures",
		named: map[string]string{
			"Chemring Countermeasures":         "Avalon 2013 Farnborough 2000 2002 2004 2006",
			"Chemring Countermeasures Ltd":     "Farnborough 2010",
			"Chemring Countermeasures Limited": "Farnborough 2012",
			"CHEMRING COUNTERMEASURES":         "SIAE 2001",
		},
		series: map[string]string{
			"Avalon":      "2013 2013 1 0 5 6 1 2 0",
			"Farnborough": "2000 2012 6 0 6 12 6 3 0",
			"SIAE":        "2001 2001 1 0 8 9 1 2 0",
		},
		// Missed least is Avalon, five times.
		together:          "2000-07-24 2013-02-26 8 0 5 27 8 7 0",
		avalonCancelled:   "2013 2013 1 0 4 5 1 1 0",
		togetherCancelled: "2000-07-24 2013-02-26 8 0 4 26 8 6 0",
	},
	{
		// One by match key, five by exact name: "&" is "and", and AS is a legal form.
		// "KONGSBERG DEFENSE & AEROSPACE AS", spelled with an S, is another key: SIAE 2015
		// to 2019 do not count. "Kongsberg" alone is another name.
		name: "Kongsberg Defence & Aerospace",
		named: map[string]string{
			"Kongsberg Defence & Aerospace":      "Avalon 2013 2015 2017",
			"KONGSBERG DEFENCE & AEROSPACE":      "Avalon 2019",
			"Kongsberg Defence & Aerospace AS":   "Avalon 2023 Farnborough 2016 2022",
			"Kongsberg Defence and Aerospace AS": "Farnborough 2018",
			"KONGSBERG DEFENCE & AEROSPACE AS":   "SIAE 2023 2025",
		},
		series: map[string]string{
			"Avalon": "2013 2023 5 0 1 6 5 2 1",
			// Three in a row since it joined in 2016, then 2024 and 2026 without it.
			"Farnborough": "2016 2022 3 0 2 5 3 3 1",
			"SIAE":        "2023 2025 2 2 0 2 2 2 2",
		},
		together: "2013-02-26 2025-06-16 10 2 0 13 10 7 4",
		// Five in a row at Avalon is now its longest run.
		avalonCancelled:   "2013 2023 5 5 0 5 5 1 1",
		togetherCancelled: "2013-02-26 2025-06-16 10 5 0 12 10 6 4",
	},
	{
		// In two countries. Avalon lists it for Australia (2013, 2015, 2017, 2023, 2025)
		// and for the United States (2017, 2019), which are two customers; Farnborough
		// 2010 for the United Kingdom is a third; the lists without countries cannot say
		// which they mean and make a fourth. This is the one in the United States.
		name: "Click Bond, United States",
		named: map[string]string{
			"Click Bond":     "Avalon 2017",
			"CLICK BOND":     "Avalon 2019 SIAE 1995",
			"Click Bond Inc": "Farnborough 2014",
			"CLICK BOND INC": "SIAE 2007",
		},
		series: map[string]string{
			// Four since 2017; 2023 and 2025 are missed.
			"Avalon": "2017 2019 2 0 2 4 2 2 0",
			// Six since 2014, of which it came to the first only.
			"Farnborough": "2014 2014 1 0 5 6 1 3 0",
			// All eleven; the six after 2007 are missed.
			"SIAE": "1995 2007 2 0 6 11 2 2 0",
		},
		together:          "1995-06-10 2019-02-26 5 0 2 21 5 7 0",
		avalonCancelled:   "2017 2019 2 0 1 3 2 1 0",
		togetherCancelled: "1995-06-10 2019-02-26 5 0 1 20 5 6 0",
	},
}
