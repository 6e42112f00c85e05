// Package storetest holds what every database of a customer store must do: one
// set of tests that PostgreSQL and SQLite both pass.
package storetest

import "testing"

// Run tests a store. open gives the URL of a database that is empty and of which
// nobody else knows; it is gone after its test.
func Run(t *testing.T, open func(t *testing.T) string) {
	s := &suite{open: open, shared: visit(t, open(t))}
	for _, test := range []struct {
		subject string
		run     func(*testing.T, *suite)
	}{
		{"Schema", testSchema},
		{"Tables", testTables},
		{"Owner", testOwner},
		{"Attributes", testAttributes},
		{"Entities", testEntities},
		{"Crash", testCrash},
		{"Batches", testBatches},
		{"DryRun", testDryRun},
		{"Rejections", testRejections},
		{"Identity", testIdentity},
		{"Persons", testPersons},
		{"Codes", testCodes},
		{"Candidates", testCandidates},
		{"Merge", testMerge},
		{"MergeHistories", testMergeHistories},
		{"Survivorship", testSurvivorship},
		{"Snapshots", testSnapshots},
		{"Marks", testMarks},
		{"Erasure", testErasure},
		{"ErasedStayAway", testErasedStayAway},
		{"Sensitive", testSensitive},
		{"Search", testSearch},
		{"Show", testShow},
		{"NaughtyStrings", testNaughtyStrings},
		{"Concurrency", testConcurrency},
		{"Profiles", testProfiles},
		{"ProfileColumns", testProfileColumns},
		{"ProfileFigures", testProfileFigures},
		{"Refresh", testRefresh},
		{"ProfileHistories", testProfileHistories},
		{"ProfilesMeanwhile", testProfilesMeanwhile},
		{"Segments", testSegments},
		{"Measures", testMeasures},
		{"SegmentHistories", testSegmentHistories},
		{"SegmentsMeanwhile", testSegmentsMeanwhile},
		{"LoyaltyHistories", testLoyaltyHistories},
		{"Points", testPoints},
		{"LoyaltyTold", testTold},
		{"Freeze", testFreeze},
		{"Rules", testRules},
		{"Scorecard", testScorecard},
		{"Preview", testPreview},
		{"ExplainOutreach", testExplainOutreach},
		{"Ledger", testLedger},
		{"LedgerHistories", testLedgerHistories},
		{"LedgerMeanwhile", testLedgerMeanwhile},
		{"Resolve", testResolve},
		{"Caps", testCaps},
		{"Claimed", testClaimed},
		{"Objections", testObjections},
	} {
		t.Run(test.subject, func(t *testing.T) { test.run(t, s) })
	}
}

// suite is one database's tests.
type suite struct {
	// open gives a database of its own to a test that needs one.
	open func(t *testing.T) string
	// shared is the store of all other tests; each finds it wiped.
	shared *world
}
