package main

// segments is about classes: how large they are, what they bring, who moved.
func segments() dashboard {
	const chosen = `{namespace=~"$namespace", name=~"$segment"}`
	const programs = `{namespace=~"$namespace"}`
	return of("fairlead-segments", "Fairlead / Segments",
		"How customers are split by the relationship models, who moved from class to class, and the tiers and points of loyalty programs.",
		[]variable{
			label("namespace", "Namespace", "fairlead_customersegment_members", "namespace"),
			label("segment", "Segment", `fairlead_customersegment_members{namespace=~"$namespace"}`, "name"),
		},
		[]view{
			{lines, "Members", "Of each segment, over time.", number, 12, nil, []query{{"sum by (namespace, name) (fairlead_customersegment_members" + chosen + ")", "{{name}}"}}},
			{bars, "Classes", "Members of each class. Unknown lacks data: what is missing stands in the status of the segment.", number, 12, nil, []query{{"fairlead_customersegment_members" + chosen + ` and on (namespace, name, class) fairlead_customersegment_members{class!=""}`, "{{name}}: {{class}}"}}},
			{
				bars, "What they bring", "Share of the segment's revenue that each class brings: the 80/20 rule says that a fifth brings four fifths.", share, 12, nil,
				[]query{{"fairlead_customersegment_revenue_ratio" + chosen, "{{name}}: {{class}}"}},
			},
			{
				stat, "Hollow", "Share of members whose class is Unknown. A model that knows nothing of most members decides nothing.", share, 12,
				[]step{at(0, "green"), at(0.25, "orange"), at(0.5, "red")},
				[]query{{
					`sum by (namespace, name) (fairlead_customersegment_members{namespace=~"$namespace", name=~"$segment", class="Unknown"}) / sum by (namespace, name) (fairlead_customersegment_members` + chosen + ")",
					"{{name}}",
				}},
			},
			{
				lines, "Came and went", "Customers an hour who became members, and who ceased to be. What a segment is declared to be moves nobody.", number, 24, nil,
				[]query{
					{"rate(fairlead_customersegment_entered_members_total" + chosen + "[1h]) * 3600", "{{name}} entered"},
					{"rate(fairlead_customersegment_left_members_total" + chosen + "[1h]) * 3600", "{{name}} left"},
				},
			},
			{
				stat, "Programs", "1 while points and tiers follow the facts.", number, 12,
				[]step{at(0, "red"), at(1, "green")},
				[]query{{"fairlead_loyaltyprogram_ready" + programs, "{{name}}"}},
			},
			{
				bars, "Loyalty", "Members of each loyalty program by the tier that they hold.", number, 12, nil,
				[]query{{"fairlead_loyaltyprogram_members" + programs, "{{name}}: {{tier}}"}},
			},
			{
				lines, "Points", "Of each loyalty program: issued, outstanding, redeemed and expired.", number, 12, nil,
				[]query{
					{"fairlead_loyaltyprogram_issued_points" + programs, "{{name}} issued"},
					{"fairlead_loyaltyprogram_outstanding_points" + programs, "{{name}} outstanding"},
					{"fairlead_loyaltyprogram_redeemed_points" + programs, "{{name}} redeemed"},
					{"fairlead_loyaltyprogram_expired_points" + programs, "{{name}} expired"},
				},
			},
			{
				stat, "Liability", "What the points outstanding would cost, in the reporting currency of the store; only where the program says what a point is worth.", number, 12, nil,
				[]query{{"fairlead_loyaltyprogram_liability" + programs, "{{name}}"}},
			},
			{
				stat, "Points to look at", "Facts that earn nothing for want of a value or a date, and members who redeemed more than facts now say they earned.", number, 24,
				[]step{at(0, "green"), at(1, "orange")},
				[]query{{"fairlead_loyaltyprogram_unearned_facts" + programs, "{{name}} unearned"}, {"fairlead_loyaltyprogram_overdrawn_members" + programs, "{{name}} overdrawn"}},
			},
			{table, "Moves", "Who moved from class to class since the last edition closed; an empty class is outside the segment.", number, 24, nil, []query{{"fairlead_customersegment_moved_members" + chosen, ""}}},
		})
}
