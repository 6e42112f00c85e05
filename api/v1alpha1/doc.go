// Package v1alpha1 holds Fairlead's resource types: what a platform team
// declares about its exhibitions, audiences, channels and campaigns.
//
// The types carry intent, counts and bounded summaries only. Customers and
// persons live in the customer store; nothing here may name one.
//
// Conventions, the same in every kind: times are integer seconds, money is a
// Money, ratios are decimal strings between 0 and 1, only names ending in
// Percent are integer percentages, references are names in the same
// namespace, lists are keyed by name, and every string and list is bounded. A
// map row, such as C1, is a row of docs/concepts/feature-map.md.
//
// +kubebuilder:object:generate=true
// +groupName=crm.fairlead.dev
package v1alpha1
