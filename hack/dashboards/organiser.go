package main

// organiser is for who lives on the result: who stays, who drifts away, how satisfied
// they are.
func organiser() dashboard {
	const chosen = `namespace=~"$namespace", series=~"$series"`
	figure := func(metric, more string) string { return metric + "{" + chosen + more + "}" }
	role := `, role=~"$role"`
	return of("fairlead-organiser", "Fairlead / Organiser",
		"Who came back to each edition, how satisfied they are, and where it is worst. Figures are those of the status of Exhibitions.",
		[]variable{
			label("namespace", "Namespace", "fairlead_exhibition_phase", "namespace"),
			label("series", "Series", `fairlead_exhibition_phase{namespace=~"$namespace"}`, "series"),
			label("role", "Role", `fairlead_exhibition_participants{namespace=~"$namespace"}`, "role"),
		},
		[]view{
			{
				stat, "Days to the opening", "Of editions that have not opened yet.", days, 6, nil,
				[]query{{"(" + figure("fairlead_exhibition_opens_timestamp_seconds", "") + " - time()) / 86400 > 0", "{{series}} {{edition}}"}},
			},
			{
				stat, "Retention", "Of those who took part in the previous edition and could return, the share who did. Most shows lose up to a quarter a year: green begins at three quarters.", share, 6,
				[]step{at(0, "red"), at(0.5, "orange"), at(0.75, "green")},
				[]query{{figure("fairlead_exhibition_retention_ratio", role), "{{series}} {{edition}} {{role}}"}},
			},
			{
				stat, "Retention above target", "Retention less the target of the Exhibition: below 0 it is missed, or not reached yet.", share, 6,
				[]step{at(-1, "red"), at(0, "green")},
				[]query{{figure("fairlead_exhibition_retention_ratio", role) + " - " + figure("fairlead_exhibition_retention_target_ratio", role), "{{series}} {{edition}} {{role}}"}},
			},
			{
				stat, "Retention over all editions shown", "Returned of eligible, summed: large editions weigh more.", share, 6,
				[]step{at(0, "red"), at(0.5, "orange"), at(0.75, "green")},
				[]query{{"sum by (series) (" + figure("fairlead_exhibition_returned_participants", role) + ") / sum by (series) (" + figure("fairlead_exhibition_eligible_participants", role) + ")", "{{series}}"}},
			},
			{
				bars, "Where participants come from", "Contracted customers: back from the previous edition, back after a while, and new.", number, 12, nil,
				[]query{
					{"sum by (series, edition) (" + figure("fairlead_exhibition_returning_participants", role) + ")", "{{series}} {{edition}} returning"},
					{"sum by (series, edition) (" + figure("fairlead_exhibition_reactivated_participants", role) + ")", "{{series}} {{edition}} reactivated"},
					{"sum by (series, edition) (" + figure("fairlead_exhibition_new_participants", role) + ")", "{{series}} {{edition}} new"},
				},
			},
			{
				lines, "Contracted", "Customers with a contract, over time: how booking goes.", number, 12, nil,
				[]query{{figure("fairlead_exhibition_participants", role+`, status="contracted"`), "{{series}} {{edition}} {{role}}"}},
			},
			{
				stat, "Booked against the last time", "Who is booked by now, of who was booked for the previous edition at the same distance from its opening: below 100 % booking is behind.", share, 12,
				[]step{at(0, "red"), at(0.9, "orange"), at(1, "green")},
				[]query{{figure("fairlead_exhibition_booked_participants", role) + " / (" + figure("fairlead_exhibition_previous_booked_participants", role) + " > 0)", "{{series}} {{edition}} {{role}}"}},
			},
			{
				stat, "Area against the last time", "The same of booked area.", share, 12,
				[]step{at(0, "red"), at(0.9, "orange"), at(1, "green")},
				[]query{{figure("fairlead_exhibition_booked_area_square_metres", role) + " / (" + figure("fairlead_exhibition_previous_booked_area_square_metres", role) + " > 0)", "{{series}} {{edition}} {{role}}"}},
			},
			{
				lines, "Booking pace", "Who is booked by now, who was the last time at the same distance from the opening, and how many those were in the end.", number, 12, nil,
				[]query{
					{figure("fairlead_exhibition_booked_participants", role), "{{series}} {{edition}} {{role}}"},
					{figure("fairlead_exhibition_previous_booked_participants", role), "{{series}} {{edition}} {{role}} the last time"},
					{figure("fairlead_exhibition_previous_all_booked_participants", role), "{{series}} {{edition}} {{role}} the last time in the end"},
				},
			},
			{
				lines, "Retention on its way", "Retention so far, the target, and what of the target may be expected by now: the share of the last time's participants who had booked by then.", share, 12, nil,
				[]query{
					{figure("fairlead_exhibition_retention_ratio", role), "{{series}} {{edition}} {{role}}"},
					{figure("fairlead_exhibition_retention_target_ratio", role), "{{series}} {{edition}} {{role}} target"},
					{
						figure("fairlead_exhibition_retention_target_ratio", role) + " * " + figure("fairlead_exhibition_previous_booked_participants", role) + " / (" + figure("fairlead_exhibition_previous_all_booked_participants", role) + " > 0)",
						"{{series}} {{edition}} {{role}} expected by now",
					},
				},
			},
			{
				bars, "Halls", "Customers booked into each hall by now, and the last time at the same distance from the opening.", number, 12, nil,
				[]query{
					{figure("fairlead_exhibition_hall_booked_participants", ""), "{{hall}}: {{series}} {{edition}}"},
					{figure("fairlead_exhibition_hall_previous_booked_participants", ""), "{{hall}}: {{series}} {{edition}} the last time"},
				},
			},
			{
				bars, "Area by hall", "Area booked in each hall by now, and the last time at the same distance from the opening.", squareMetres, 12, nil,
				[]query{
					{figure("fairlead_exhibition_hall_booked_area_square_metres", ""), "{{hall}}: {{series}} {{edition}}"},
					{figure("fairlead_exhibition_hall_previous_booked_area_square_metres", ""), "{{hall}}: {{series}} {{edition}} the last time"},
				},
			},
			{
				stat, "Area", "Booth area of contracted customers.", squareMetres, 6, nil,
				[]query{{"sum by (series, edition) (" + figure("fairlead_exhibition_area_square_metres", role) + ")", "{{series}} {{edition}}"}},
			},
			{
				stat, "Revenue", "After discount, in the reporting currency of the store.", number, 6, nil,
				[]query{{"sum by (series, edition) (" + figure("fairlead_exhibition_revenue", role) + ")", "{{series}} {{edition}}"}},
			},
			{
				stat, "Area of the returned", "Of the area that all eligible had in the previous edition: above 100 % those who stay take more.", share, 6, nil,
				[]query{{figure("fairlead_exhibition_area_retention_ratio", role), "{{series}} {{edition}} {{role}}"}},
			},
			{
				stat, "Revenue of the returned", "Of the revenue that all eligible brought in the previous edition.", share, 6, nil,
				[]query{{figure("fairlead_exhibition_revenue_retention_ratio", role), "{{series}} {{edition}} {{role}}"}},
			},
			{
				lines, "Net promoter score", "Share of promoters less that of detractors, with its 95 % interval: while the intervals of two editions overlap, do not call one better.", number, 12,
				[]step{at(0, "orange"), at(30, "green")},
				[]query{
					{figure("fairlead_exhibition_net_promoter_score", ""), "{{series}} {{edition}}"},
					{figure("fairlead_exhibition_net_promoter_score", "") + " - " + figure("fairlead_exhibition_net_promoter_score_margin", ""), "{{series}} {{edition}} at least"},
					{figure("fairlead_exhibition_net_promoter_score_target", ""), "{{series}} {{edition}} target"},
					{figure("fairlead_exhibition_net_promoter_score", "") + " + " + figure("fairlead_exhibition_net_promoter_score_margin", ""), "{{series}} {{edition}} at most"},
				},
			},
			{
				bars, "Where the gap is worst", "Perceived less expected, by dimension of the surveys: below 0 the show fell short of what it promised.", number, 12,
				[]step{at(-10, "red"), at(0, "green")},
				[]query{{"bottomk(10, " + figure("fairlead_exhibition_dimension_satisfaction_gap", "") + ")", "{{dimension}}: {{series}} {{edition}}"}},
			},
			{
				stat, "Expectations met", "Share of customers whose results met what they expected.", share, 6,
				[]step{at(0, "red"), at(0.6, "orange"), at(0.8, "green")},
				[]query{{figure("fairlead_exhibition_satisfied_ratio", ""), "{{series}} {{edition}}"}},
			},
			{
				stat, "Gap above target", "Mean of perceived less expected, less the target of the Exhibition: below 0 it is missed.", number, 6,
				[]step{at(-10, "red"), at(0, "green")},
				[]query{{figure("fairlead_exhibition_satisfaction_gap", "") + " - " + figure("fairlead_exhibition_satisfaction_gap_target", ""), "{{series}} {{edition}}"}},
			},
			{
				stat, "Satisfied, and back", "Who returned of those who answered about the previous edition, by whether it met their expectations. Satisfied is not the same as loyal: those who are missing of the satisfied are worth a call.", share, 12, nil,
				[]query{{
					figure("fairlead_exhibition_answered_returned_participants", "") + " / (" + figure("fairlead_exhibition_answered_eligible_participants", "") + " > 0)", "{{series}} {{edition}} satisfied: {{satisfied}}",
				}},
			},
			{
				stat, "Responses", "Who answered anything: few answers make wide intervals.", number, 6, nil,
				[]query{{figure("fairlead_exhibition_responses", ""), "{{series}} {{edition}}"}},
			},
			{
				stat, "Complaints", "Open ones, and those beyond their time. Few complaints are not health: most of the dissatisfied say nothing.", number, 6,
				[]step{at(0, "green"), at(1, "orange")},
				[]query{{figure("fairlead_exhibition_complaints", `, state="open"`), "{{series}} {{edition}} open"}, {figure("fairlead_exhibition_complaints", `, state="late"`), "{{series}} {{edition}} late"}},
			},
			{
				stat, "Promises", "What became of what was promised: 100 % is kept.", share, 6,
				[]step{at(0, "red"), at(0.9, "orange"), at(1, "green")},
				[]query{{figure("fairlead_exhibition_promise_actual", "") + " / " + figure("fairlead_exhibition_promised", ""), "{{promise}}: {{series}} {{edition}}"}},
			},
		})
}
