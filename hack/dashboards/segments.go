package main

// segments is about classes: how large they are, what they bring, who moved.
func segments() dashboard {
	const chosen = `{namespace=~"$namespace", name=~"$segment"}`
	return of("fairlead-segments", "Fairlead / Segments",
		"How customers are split by the relationship models, and who moved from class to class.",
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
			{table, "Moves", "Who moved from class to class since the last edition closed; an empty class is outside the segment.", number, 24, nil, []query{{"fairlead_customersegment_moved_members" + chosen, ""}}},
		})
}
