package main

// outreach is about runs: for who sends them, and for who keeps them running.
func outreach() dashboard {
	const chosen = `{namespace=~"$namespace", name=~"$run"}`
	inState := func(states string) string {
		return `fairlead_outreach_messages{namespace=~"$namespace", name=~"$run", state=~"` + states + `"}`
	}
	inPhase := func(phase string) string {
		return ` and on (namespace, name) fairlead_outreach_phase{phase="` + phase + `"} == 1`
	}
	ofRules := func(metric string) string { return "fairlead_campaignrule_" + metric + `{namespace=~"$namespace"}` }
	const each, ofRun = "{{namespace}}/{{name}}", "sum by (namespace, name) "
	return of("fairlead-outreach", "Fairlead / Outreach",
		"What waits for approval, how far runs are, how fast they go, and what became of their messages; what rules have due, and missed. Runs that have ended stay until their Outreach is deleted.",
		[]variable{
			label("namespace", "Namespace", "fairlead_outreach_phase", "namespace"),
			label("run", "Run", `fairlead_outreach_phase{namespace=~"$namespace"}`, "name"),
		},
		[]view{
			{bars, "Runs by phase", "How many Outreaches are in each phase. Halted ones wait for a person.", number, 6, nil, []query{{"sum by (phase) (fairlead_outreach_phase" + chosen + ")", "{{phase}}"}}},
			{
				stat, "Waiting for approval", "For how long. The audience is as old.", seconds, 6, []step{at(0, "green"), at(14_400, "orange"), at(86_400, "red")},
				[]query{{"time() - fairlead_outreach_frozen_timestamp_seconds" + chosen + inPhase("AwaitingApproval"), each}},
			},
			{
				stat, "Unknown", "Messages that were in flight when a worker or a connection died. Nobody knows whether they arrived; a person decides.", number, 6, []step{at(0, "green"), at(1, "red")},
				[]query{{inState("unknown"), each}},
			},
			{
				stat, "Ready", "1 while an Outreach is ready. If it is not, `kubectl describe out` says what it waits for, or what is to be mended.", number, 6, []step{at(0, "red"), at(1, "green")},
				[]query{{"fairlead_outreach_ready" + chosen, each}},
			},
			{
				bars, "Progress", "Share of the messages that are settled: sent, failed, skipped or unknown.", share, 12, nil,
				[]query{{ofRun + "(" + inState("sent|failed|skipped|unknown") + ") / (" + ofRun + "(" + inState(".*") + ") > 0)", each}},
			},
			{
				bars, "Failure share", "Of the messages that were handed over, those that were refused for good. Providers begin to ask at 5 %.", share, 12, []step{at(0, "green"), at(0.02, "orange"), at(0.05, "red")},
				[]query{{ofRun + "(" + inState("failed") + ") / (" + ofRun + "(" + inState("sent|failed") + ") > 0)", each}},
			},
			{lines, "Still to be sent", "Messages that nobody tried yet, and those that are tried again later.", number, 12, nil, []query{{inState("pending|deferred"), each + " {{state}}"}}},
			{
				lines, "Rate of sending", "Messages a second that servers took. The rate of the channel is the most that there can be.", perSecond, 12, nil,
				[]query{{"clamp_min(deriv(" + inState("sent") + "[2m]), 0)", each}},
			},
			{
				lines, "Duration of windows", "How long servers are busy with what a connection sends before it settles, ten messages as a rule: the median, and the 95th percentile. If it grows, the server is slow.", seconds, 12, nil,
				[]query{
					{"histogram_quantile(0.5, sum by (le, namespace, name) (rate(fairlead_outreach_window_duration_seconds_bucket" + chosen + "[5m])))", each + " median"},
					{"histogram_quantile(0.95, sum by (le, namespace, name) (rate(fairlead_outreach_window_duration_seconds_bucket" + chosen + "[5m])))", each + " 95 %"},
				},
			},
			{
				lines, "Waiting for the store", "How long a connection waits for the store after each window, on average. If it grows, the database is slow.", seconds, 12, nil,
				[]query{{"rate(fairlead_outreach_settling_seconds_total" + chosen + "[5m]) / (rate(fairlead_outreach_window_duration_seconds_count" + chosen + "[5m]) > 0)", each}},
			},
			{
				stat, "Sending for", "Since sending began, of runs that are being sent. What is pending is so since then.", seconds, 8, nil,
				[]query{{"time() - fairlead_outreach_start_timestamp_seconds" + chosen + inPhase("Sending"), each}},
			},
			{stat, "Next Job in", "While all that is left is to be tried again later, or the last Job failed.", seconds, 8, nil, []query{{"fairlead_outreach_next_attempt_timestamp_seconds" + chosen + " - time()", each}}},
			{stat, "Jobs", "Started for each run. Many mean that pods fail, or that a server puts off.", number, 8, []step{at(0, "green"), at(10, "orange")}, []query{{"fairlead_outreach_attempts" + chosen, each}}},
			{
				bars, "Audience", "Customers who match, and persons who are written to.", number, 12, nil,
				[]query{{"fairlead_outreach_matched_customers" + chosen, each + " match"}, {"fairlead_outreach_recipients" + chosen, each + " recipients"}},
			},
			{bars, "Not written to", "Why customers or persons who match are not written to.", number, 12, nil, []query{{"fairlead_outreach_dropped_recipients" + chosen, each + " {{reason}}"}}},
			{
				stat, "Rules due in", "How long until a rule is due, where that can be known: the twenty that are due first.", seconds, 8, nil,
				[]query{{"bottomk(20, " + ofRules("next_occurrence_timestamp_seconds") + " - time())", each}},
			},
			{
				stat, "Missed by rules", "Occurrences that were due, and were not begun within the starting deadline. Nothing is sent for them.", number, 8, []step{at(0, "green"), at(1, "orange")},
				[]query{{ofRules("missed_occurrences") + " > 0", each}},
			},
			{
				stat, "Rules not ready", "They wait for something that they name, or have a mistake: `kubectl describe crule` says which. Nothing becomes due of them.", number, 8, []step{at(0, "green"), at(1, "red")},
				[]query{{"count by (namespace) (" + ofRules("ready") + ") - sum by (namespace) (" + ofRules("ready") + ")", "{{namespace}}"}},
			},
			{
				bars, "What rules came to", "Over all runs of a rule: messages that were sent, and that failed, and who was not written to, for want of a consent, by suppression or by a cap, or was held out.", number, 12, nil,
				[]query{
					{ofRules("messages") + " > 0", each + " {{state}}"}, {ofRules("suppressed_recipients") + " > 0", each + " suppressed"},
					{ofRules("held_out_customers") + " > 0", each + " held out"},
				},
			},
			{stat, "Runs of rules", "How many there are in the store.", number, 6, nil, []query{{ofRules("outreaches") + " > 0", each}}},
			{stat, "Rules were due before", "Since the last run of a rule was due.", seconds, 6, nil, []query{{"time() - " + ofRules("last_occurrence_timestamp_seconds"), each}}},
		})
}
