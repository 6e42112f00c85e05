package main

// operations is for who keeps the manager and the stores running.
func operations() dashboard {
	const chosen = `{namespace=~"$namespace", name=~"$store"}`
	const controllers = `{controller=~"customerstore|customersegment|exhibition|outreachchannel|outreach|outreachapproval"}`
	return of("fairlead-operations", "Fairlead / Operations",
		"Whether stores and channels answer, whether profiles are fresh, and how the manager's controllers do.",
		[]variable{
			label("namespace", "Namespace", "fairlead_customerstore_up", "namespace"),
			label("store", "Store", `fairlead_customerstore_up{namespace=~"$namespace"}`, "name"),
		},
		[]view{
			{stat, "Stores", "1 while a store is ready. If it is not, `kubectl describe cstore` says why.", number, 6, []step{at(0, "red"), at(1, "green")}, []query{{"fairlead_customerstore_up" + chosen, "{{namespace}}/{{name}}"}}},
			{stat, "Customers", "In each store.", number, 6, nil, []query{{"fairlead_customerstore_customers" + chosen, "{{namespace}}/{{name}}"}}},
			{
				stat, "Channels", "1 while a channel is ready. If it is not, `kubectl describe och` says why.", number, 12, []step{at(0, "red"), at(1, "green")},
				[]query{{`fairlead_outreachchannel_ready{namespace=~"$namespace"}`, "{{namespace}}/{{name}}"}},
			},
			{
				lines, "Why stores are as they are", "The reason of the condition Ready of each store. docs/reference/conditions.md has them all.", number, 12, nil,
				[]query{{"fairlead_customerstore_ready_reason" + chosen, "{{namespace}}/{{name}} {{reason}}"}},
			},
			{
				lines, "Age of figures", "How long the figures of Exhibitions have not been brought up to date: their store is away, or they cannot be computed.", seconds, 12,
				[]step{at(0, "green"), at(300, "orange"), at(3600, "red")},
				[]query{{`fairlead_exhibition_figures_age_seconds{namespace=~"$namespace"}`, "{{namespace}}/{{name}}"}},
			},
			{
				lines, "Age of profiles", "How long the customer has waited that waits longest for its profile. Segments and figures are as old.", seconds, 12,
				[]step{at(0, "green"), at(300, "orange"), at(900, "red")},
				[]query{{"fairlead_customerstore_profile_age_seconds" + chosen, "{{namespace}}/{{name}}"}},
			},
			{lines, "Backlog", "Parties whose profile has to be computed again.", number, 12, nil, []query{{"fairlead_customerstore_profile_backlog_parties" + chosen, "{{namespace}}/{{name}}"}}},
			{lines, "Profiles computed", "Parties a second.", perSecond, 12, nil, []query{{"rate(fairlead_customerstore_profile_refreshed_parties_total" + chosen + "[5m])", "{{namespace}}/{{name}}"}}},
			{
				lines, "Refreshes that failed", "Tried again after growing pauses.", perSecond, 12, []step{at(0, "green"), at(0.001, "red")},
				[]query{{"rate(fairlead_customerstore_profile_refresh_failures_total" + chosen + "[5m])", "{{namespace}}/{{name}}"}},
			},
			{
				lines, "Duration of refreshes", "The 95th percentile.", seconds, 12, nil,
				[]query{{"histogram_quantile(0.95, sum by (le, namespace, name) (rate(fairlead_customerstore_profile_refresh_duration_seconds_bucket" + chosen + "[5m])))", "{{namespace}}/{{name}}"}},
			},
			{
				lines, "Links answered", "By the gateway: 200 and 303 are persons who look and choose, 404 links that are none, 503 the store that is away.", perSecond, 12, nil,
				[]query{{`sum by (door, code) (rate(fairlead_gateway_requests_total{door=~".+"}[5m]))`, "{{door}} {{code}}"}},
			},
			{lines, "Errors of controllers", "Passes that ended with an error.", perSecond, 12, []step{at(0, "green"), at(0.001, "red")}, []query{{"rate(controller_runtime_reconcile_errors_total" + controllers + "[5m])", "{{controller}}"}}},
			{
				lines, "Duration of passes", "The 95th percentile, by controller.", seconds, 12, nil,
				[]query{{"histogram_quantile(0.95, sum by (le, controller) (rate(controller_runtime_reconcile_time_seconds_bucket" + controllers + "[5m])))", "{{controller}}"}},
			},
		})
}
