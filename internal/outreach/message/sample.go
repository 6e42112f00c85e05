package message

import "time"

// Names that the sample has beside Fields.
const (
	sampleAttribute = "fleet"
	sampleMilestone = "EarlyBirdEnds"
)

// Sample is a made-up recipient of whom everything is known: for previews, for
// documentation and to try templates on.
func Sample() *Data {
	day := func(year int, month time.Month, day int) *Date {
		return &Date{At: time.Date(year, month, day, 0, 0, 0, 0, time.UTC)}
	}
	number := func(units int64) *Number { return &Number{Units: units} }
	return &Data{
		Contact: Contact{
			Name: "Zoë Quillsample", Title: "Events Manager", Department: "Marketing",
			Locale: "en-GB", TimeZone: "Europe/London",
		},
		Customer: Customer{
			Code: "C-10482", Name: "Fictional Composites Ltd", Country: "GB", Region: "Fictionshire", City: "Exampleford", Industry: "Materials",
			Participations: number(7), ConsecutiveEditions: number(3), RelationshipMonths: number(171), Referrals: number(2),
			FirstParticipation: day(2012, time.July, 9), LastParticipation: day(2024, time.July, 22), RelationshipSince: day(2012, time.March, 1),
			SpendLastYear: &Money{Minor: 1_485_000, Currency: "GBP"},
			Attributes:    map[string]any{sampleAttribute: "rotorcraft"},
		},
		Series: Series{
			Name: "Farnborough", Participations: number(5), ConsecutiveEditions: number(3), MissedEditions: number(1),
			FirstParticipation: day(2012, time.July, 9), LastParticipation: day(2024, time.July, 22),
			BoothArea: &Number{Units: 3650, Scale: 2}, NextEdition: "2026", NextStatus: "Option",
		},
		Exhibition: Exhibition{
			Series: "Farnborough", Edition: "2026", Title: "Farnborough International Airshow 2026",
			Venue: "Farnborough Exhibition Centre", City: "Farnborough", Country: "GB", TimeZone: "Europe/London",
			Opens: day(2026, time.July, 20), Closes: day(2026, time.July, 24),
			Milestones: map[string]*Date{sampleMilestone: day(2026, time.February, 28)},
		},
		Loyalty: &Loyalty{
			Program: "exhibitor-club", Tier: "Silver", NextTier: "Gold",
			Points: number(940), PointsToNextTier: number(260), ExpiringSoon: number(100), BoothDiscountPercent: number(5),
			Benefits: []string{"PrioritySelection", "TrainingSeats"},
		},
		AccountManager: &AccountManager{Name: "Basil Placeholder", Email: "basil@airshow.example", Phone: "+44 20 7946 0001"},
		From:           From{Name: "Farnborough Airshow", Address: "hello@airshow.example"},
		UnsubscribeURL: "https://airshow.example/u/5f2c", PreferencesURL: "https://airshow.example/p/5f2c",
	}
}
